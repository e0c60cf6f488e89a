// Wrong: set does nothing in a thread that panics, for example in a guard's drop, and all runners wait forever.
use std::sync::{Condvar, Mutex};
use std::thread;

pub struct Event {
    is_set: Mutex<bool>,
    changed: Condvar,
}

impl Event {
    pub fn new() -> Self {
        Event { is_set: Mutex::new(false), changed: Condvar::new() }
    }

    pub fn set(&self) {
        // Don't poison the lock.
        if thread::panicking() {
            return;
        }
        *self.is_set.lock().unwrap() = true;
        self.changed.notify_all();
    }

    pub fn wait(&self) {
        let mut is_set = self.is_set.lock().unwrap();
        while !*is_set {
            is_set = self.changed.wait(is_set).unwrap();
        }
    }
}
