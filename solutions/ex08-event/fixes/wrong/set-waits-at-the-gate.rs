// Wrong: whoever waits keeps the gate, and set has to pass it: neither can go on.
use std::sync::{Condvar, Mutex};

pub struct Event {
    gate: Mutex<()>,
    is_set: Mutex<bool>,
    changed: Condvar,
}

impl Event {
    pub fn new() -> Self {
        Event { gate: Mutex::new(()), is_set: Mutex::new(false), changed: Condvar::new() }
    }

    pub fn set(&self) {
        let _gate = self.gate.lock().unwrap();
        *self.is_set.lock().unwrap() = true;
        self.changed.notify_all();
    }

    pub fn wait(&self) {
        let _gate = self.gate.lock().unwrap();
        let mut is_set = self.is_set.lock().unwrap();
        while !*is_set {
            is_set = self.changed.wait(is_set).unwrap();
        }
    }
}
