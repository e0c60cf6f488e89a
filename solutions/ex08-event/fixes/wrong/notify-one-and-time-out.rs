// Wrong: one runner is woken, and all others find out when their time-out wakes them.
use std::sync::{Condvar, Mutex};
use std::time::Duration;

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
        self.changed.notify_one();
    }

    pub fn wait(&self) {
        let mut is_set = self.is_set.lock().unwrap();
        while !*is_set {
            is_set = self.changed.wait_timeout(is_set, Duration::from_millis(50)).unwrap().0;
        }
    }
}
