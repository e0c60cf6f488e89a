// Wrong: of three permits and more, all but two are lost from the start.
use std::sync::{Condvar, Mutex};

pub struct Semaphore {
    permits: Mutex<usize>,
    released: Condvar,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Semaphore { permits: Mutex::new(permits.min(2)), released: Condvar::new() }
    }

    pub fn acquire(&self) {
        let permits = self.permits.lock().unwrap();
        *self.released.wait_while(permits, |permits| *permits == 0).unwrap() -= 1;
    }

    pub fn release(&self) {
        *self.permits.lock().unwrap() += 1;
        self.released.notify_one();
    }
}
