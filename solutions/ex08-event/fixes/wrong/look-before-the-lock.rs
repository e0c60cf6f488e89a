// Wrong: the flag is looked at, the lock let go, and taken again for the wait: the shot falls in between.
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
        loop {
            let is_set = *self.is_set.lock().unwrap();
            if is_set {
                return;
            }
            drop(self.changed.wait(self.is_set.lock().unwrap()).unwrap());
        }
    }
}
