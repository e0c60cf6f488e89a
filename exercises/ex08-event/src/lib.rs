// An event: threads wait until it is set, and from then on nobody waits any more.
use std::sync::{Condvar, Mutex};

/// Not set at first, then set for good.
pub struct Event {
    is_set: Mutex<bool>,
    changed: Condvar,
}

impl Event {
    /// An event that is not set.
    pub fn new() -> Self {
        Event { is_set: Mutex::new(false), changed: Condvar::new() }
    }

    /// Sets the event, and wakes all who wait for it.
    pub fn set(&self) {
        // TODO: nobody who waits, or is about to, may miss this.
        self.changed.notify_all();
        *self.is_set.lock().unwrap() = true;
    }

    /// Waits until the event is set.
    pub fn wait(&self) {
        let mut is_set = self.is_set.lock().unwrap();
        while !*is_set {
            is_set = self.changed.wait(is_set).unwrap();
        }
    }
}
