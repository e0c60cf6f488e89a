// Wrong: looking a second time is not looking every time.
use std::sync::{Condvar, Mutex};

pub struct Semaphore {
    permits: Mutex<i64>,
    released: Condvar,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Semaphore { permits: Mutex::new(permits as i64), released: Condvar::new() }
    }

    pub fn acquire(&self) {
        let mut permits = self.permits.lock().unwrap();
        for _attempt in 0..2 {
            if *permits <= 0 {
                permits = self.released.wait(permits).unwrap();
            }
        }
        *permits -= 1;
    }

    pub fn release(&self) {
        *self.permits.lock().unwrap() += 1;
        self.released.notify_all();
    }
}
