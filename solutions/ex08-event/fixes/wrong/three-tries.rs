// Wrong: after three spurious wakeups it returns although the event isn't set.
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
        let mut is_set = self.is_set.lock().unwrap();
        for _ in 0..3 {
            if *is_set {
                return;
            }
            is_set = self.changed.wait(is_set).unwrap();
        }
    }
}
