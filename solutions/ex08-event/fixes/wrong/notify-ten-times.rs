// Wrong: ten notifications wake ten runners; an eleventh one waits for ever.
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
        for _ in 0..10 {
            self.changed.notify_one();
        }
    }

    pub fn wait(&self) {
        let mut is_set = self.is_set.lock().unwrap();
        while !*is_set {
            is_set = self.changed.wait(is_set).unwrap();
        }
    }
}
