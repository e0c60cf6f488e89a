// Wrong: it waits for the shot or for a second, whichever is first, and does not ask which it was.
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
        self.changed.notify_all();
    }

    pub fn wait(&self) {
        let is_set = self.is_set.lock().unwrap();
        drop(self.changed.wait_timeout_while(is_set, Duration::from_secs(1), |is_set| !*is_set).unwrap());
    }
}
