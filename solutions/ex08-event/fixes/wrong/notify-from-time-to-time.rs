// Wrong: waking up every second by a time-out hides the lost notification behind a delay.
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
        self.changed.notify_all();
        *self.is_set.lock().unwrap() = true;
    }

    pub fn wait(&self) {
        let mut is_set = self.is_set.lock().unwrap();
        while !*is_set {
            is_set = self.changed.wait_timeout(is_set, Duration::from_secs(1)).unwrap().0;
        }
    }
}
