// A semaphore: a number of permits. A thread that wants one when none is free waits.
use std::sync::{Condvar, Mutex};

/// Limits how many threads may hold a permit at the same time.
pub struct Semaphore {
    permits: Mutex<i64>,
    released: Condvar,
}

impl Semaphore {
    /// Creates a semaphore with that many permits.
    pub fn new(permits: usize) -> Self {
        Semaphore { permits: Mutex::new(permits as i64), released: Condvar::new() }
    }

    /// Takes a permit. Waits until there is one.
    pub fn acquire(&self) {
        let mut permits = self.permits.lock().unwrap();
        // TODO: after the wait there may still be no permit, and the number goes below 0.
        if *permits == 0 {
            permits = self.released.wait(permits).unwrap();
        }
        *permits -= 1;
    }

    /// Gives a permit back, and wakes a waiting thread.
    pub fn release(&self) {
        *self.permits.lock().unwrap() += 1;
        self.released.notify_one();
    }
}
