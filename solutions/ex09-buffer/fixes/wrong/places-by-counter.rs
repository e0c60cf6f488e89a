// Wrong: two bakers have a place each, and the semaphore is told of the second one's loaf while the first is still on the way.
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Condvar, Mutex};

struct Semaphore {
    permits: Mutex<usize>,
    released: Condvar,
}

impl Semaphore {
    fn new(permits: usize) -> Self {
        Semaphore { permits: Mutex::new(permits), released: Condvar::new() }
    }

    fn acquire(&self) {
        let permits = self.permits.lock().unwrap();
        *self.released.wait_while(permits, |permits| *permits == 0).unwrap() -= 1;
    }

    fn release(&self) {
        *self.permits.lock().unwrap() += 1;
        self.released.notify_one();
    }
}

pub struct Buffer {
    ring: Vec<Mutex<u32>>,
    next_in: AtomicUsize,
    next_out: AtomicUsize,
    items: Semaphore,
    places: Semaphore,
}

impl Buffer {
    pub fn new(capacity: usize) -> Self {
        Buffer {
            ring: (0..capacity).map(|_| Mutex::new(0)).collect(),
            next_in: AtomicUsize::new(0),
            next_out: AtomicUsize::new(0),
            items: Semaphore::new(0),
            places: Semaphore::new(capacity),
        }
    }

    pub fn push(&self, item: u32) {
        self.places.acquire();
        let place = self.next_in.fetch_add(1, SeqCst) % self.ring.len();
        *self.ring[place].lock().unwrap() = item;
        self.items.release();
    }

    pub fn pop(&self) -> u32 {
        self.items.acquire();
        let place = self.next_out.fetch_add(1, SeqCst) % self.ring.len();
        let item = *self.ring[place].lock().unwrap();
        self.places.release();
        item
    }
}
