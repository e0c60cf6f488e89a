// Wrong: never has more than 32 permits to begin with, so not all n can be out at once.
use std::sync::{Condvar, Mutex};

/// More cars than this don't fit into any car park.
const MAX_PERMITS: usize = 32;

pub struct Semaphore {
    permits: Mutex<usize>,
    released: Condvar,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Semaphore { permits: Mutex::new(permits.min(MAX_PERMITS)), released: Condvar::new() }
    }

    pub fn acquire(&self) {
        let guard = self.permits.lock().unwrap();
        let mut permits = self.released.wait_while(guard, |permits| *permits == 0).unwrap();
        *permits -= 1;
    }

    pub fn release(&self) {
        *self.permits.lock().unwrap() += 1;
        self.released.notify_one();
    }
}
