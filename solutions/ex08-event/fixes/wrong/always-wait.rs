// Wrong: whoever comes after the shot waits for the next one.
use std::sync::{Condvar, Mutex};

pub struct Event {
    lock: Mutex<()>,
    changed: Condvar,
}

impl Event {
    pub fn new() -> Self {
        Event { lock: Mutex::new(()), changed: Condvar::new() }
    }

    pub fn set(&self) {
        self.changed.notify_all();
    }

    pub fn wait(&self) {
        drop(self.changed.wait(self.lock.lock().unwrap()).unwrap());
    }
}
