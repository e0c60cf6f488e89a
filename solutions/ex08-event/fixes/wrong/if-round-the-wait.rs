// Wrong: with `if`, a spurious wakeup is taken for the event.
use std::sync::{Condvar, Mutex};

pub struct Event {
    is_set: Mutex<bool>,
    changed: Condvar,
}

impl Event {
    pub fn new() -> Self {
        Event { is_set: Mutex::new(false), changed: Condvar::new() }
    }

    pub fn set(&self) {
        *self.is_set.lock().unwrap() = true;
        self.changed.notify_all();
    }

    pub fn wait(&self) {
        let is_set = self.is_set.lock().unwrap();
        if !*is_set {
            drop(self.changed.wait(is_set).unwrap());
        }
    }
}
