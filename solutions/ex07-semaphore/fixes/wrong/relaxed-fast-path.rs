// Wrong: a permit that is taken past the lock with Relaxed does not bring along what was done before its release.
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Condvar, Mutex};

pub struct Semaphore {
    permits: AtomicUsize,
    waiting: Mutex<()>,
    released: Condvar,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Semaphore { permits: AtomicUsize::new(permits), waiting: Mutex::new(()), released: Condvar::new() }
    }

    fn try_acquire(&self) -> bool {
        self.permits.fetch_update(Relaxed, Relaxed, |permits| permits.checked_sub(1)).is_ok()
    }

    pub fn acquire(&self) {
        if self.try_acquire() {
            return;
        }
        let waiting = self.waiting.lock().unwrap();
        drop(self.released.wait_while(waiting, |_| !self.try_acquire()).unwrap());
    }

    pub fn release(&self) {
        self.permits.fetch_add(1, Relaxed);
        let _waiting = self.waiting.lock().unwrap();
        self.released.notify_one();
    }
}
