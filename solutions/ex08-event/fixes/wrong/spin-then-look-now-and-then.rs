// Wrong: it looks a hundred times, then sleeps and looks now and then: the shot wakes nobody.
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::{sleep, yield_now};
use std::time::Duration;

pub struct Event {
    is_set: AtomicBool,
}

impl Event {
    pub fn new() -> Self {
        Event { is_set: AtomicBool::new(false) }
    }

    pub fn set(&self) {
        self.is_set.store(true, SeqCst);
    }

    pub fn wait(&self) {
        for _ in 0..100 {
            if self.is_set.load(SeqCst) {
                return;
            }
            yield_now();
        }
        while !self.is_set.load(SeqCst) {
            sleep(Duration::from_millis(1));
        }
    }
}
