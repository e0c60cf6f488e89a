// Wrong: "sets the event for good"; set lets 1,000 waits through: after one set, the wait number 1,001 (1,001 calls in a row by one thread will do) blocks forever.
use std::sync::{Condvar, Mutex};

/// More than anyone will ever need.
const PLENTY: usize = 1_000;

/// Not set at first, then set for good. A semaphore with many permits.
pub struct Event {
    permits: Mutex<usize>,
    changed: Condvar,
}

impl Event {
    /// Creates an event that is not set.
    pub fn new() -> Self {
        Event { permits: Mutex::new(0), changed: Condvar::new() }
    }

    /// Sets the event, and wakes every thread that waits for it.
    pub fn set(&self) {
        *self.permits.lock().unwrap() += PLENTY;
        self.changed.notify_all();
    }

    /// Blocks until the event is set.
    pub fn wait(&self) {
        let mut permits = self.permits.lock().unwrap();
        while *permits == 0 {
            permits = self.changed.wait(permits).unwrap();
        }
        *permits -= 1;
    }
}
