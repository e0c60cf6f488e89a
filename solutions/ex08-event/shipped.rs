// An event: threads wait until it is set. From then on, no thread waits any more.
use std::sync::{Condvar, Mutex};

/// Not set at first, then set for good.
pub struct Event {
    is_set: Mutex<bool>,
    changed: Condvar,
}

impl Event {
    /// Creates an event that is not set.
    pub fn new() -> Self {
        Event { is_set: Mutex::new(false), changed: Condvar::new() }
    }

    /// Sets the event, and wakes every thread that waits for it.
    pub fn set(&self) {
        // TODO: a thread that is waiting, or about to wait, must not miss this.
        self.changed.notify_all();
        *self.is_set.lock().unwrap() = true;
    }

    /// Blocks until the event is set.
    pub fn wait(&self) {
        let mut is_set = self.is_set.lock().unwrap();
        while !*is_set {
            is_set = self.changed.wait(is_set).unwrap();
        }
    }
}
