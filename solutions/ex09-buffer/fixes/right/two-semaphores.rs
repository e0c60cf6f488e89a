// Right: a semaphore counts the items, another the free places, as in textbooks.
use std::collections::VecDeque;
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
    queue: Mutex<VecDeque<u32>>,
    items: Semaphore,
    places: Semaphore,
}

impl Buffer {
    pub fn new(capacity: usize) -> Self {
        Buffer { queue: Mutex::default(), items: Semaphore::new(0), places: Semaphore::new(capacity) }
    }

    pub fn push(&self, item: u32) {
        self.places.acquire();
        self.queue.lock().unwrap().push_back(item);
        self.items.release();
    }

    pub fn pop(&self) -> u32 {
        self.items.acquire();
        let item = self.queue.lock().unwrap().pop_front().unwrap();
        self.places.release();
        item
    }
}
