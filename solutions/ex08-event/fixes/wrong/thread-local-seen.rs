// Wrong: a thread remembers the address of the last event it saw set, so a new event at that address counts as set.
use std::cell::Cell;
use std::sync::{Condvar, Mutex};

thread_local! {
    static SEEN: Cell<usize> = const { Cell::new(0) };
}

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
        let me = self as *const Event as usize;
        // It's set for good, so there's no need to look twice.
        if SEEN.get() == me {
            return;
        }
        let mut is_set = self.is_set.lock().unwrap();
        while !*is_set {
            is_set = self.changed.wait(is_set).unwrap();
        }
        SEEN.set(me);
    }
}
