// Wrong: all semaphores share one Condvar, and the one thread that is woken may wait for another semaphore.
use std::sync::{Condvar, Mutex};

static RELEASED: Condvar = Condvar::new();

pub struct Semaphore {
    permits: Mutex<usize>,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Semaphore { permits: Mutex::new(permits) }
    }

    pub fn acquire(&self) {
        let permits = self.permits.lock().unwrap();
        let mut permits = RELEASED.wait_while(permits, |permits| *permits == 0).unwrap();
        *permits -= 1;
    }

    pub fn release(&self) {
        *self.permits.lock().unwrap() += 1;
        RELEASED.notify_one();
    }
}
