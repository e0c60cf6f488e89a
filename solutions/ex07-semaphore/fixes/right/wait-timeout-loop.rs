// Right: wait_timeout in a loop that trusts only the number of permits.
use std::sync::{Condvar, Mutex};
use std::time::Duration;

pub struct Semaphore {
    permits: Mutex<usize>,
    released: Condvar,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Semaphore { permits: Mutex::new(permits), released: Condvar::new() }
    }

    pub fn acquire(&self) {
        let mut permits = self.permits.lock().unwrap();
        loop {
            if *permits > 0 {
                *permits -= 1;
                return;
            }
            permits = self.released.wait_timeout(permits, Duration::from_secs(5)).unwrap().0;
        }
    }

    pub fn release(&self) {
        *self.permits.lock().unwrap() += 1;
        self.released.notify_one();
    }
}
