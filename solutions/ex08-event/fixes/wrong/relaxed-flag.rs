// Wrong: a Relaxed flag arrives, but what was done before it need not have: that takes Release and Acquire.
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::yield_now;

pub struct Event {
    is_set: AtomicBool,
}

impl Event {
    pub fn new() -> Self {
        Event { is_set: AtomicBool::new(false) }
    }

    pub fn set(&self) {
        self.is_set.store(true, Relaxed);
    }

    pub fn wait(&self) {
        while !self.is_set.load(Relaxed) {
            yield_now();
        }
    }
}
