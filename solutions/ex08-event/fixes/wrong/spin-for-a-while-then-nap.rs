// Wrong: a waiting thread looks a hundred times, then sleeps for a millisecond between two looks; nothing wakes it.
use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::sleep;
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
        let mut tries = 0;
        while !self.is_set.load(SeqCst) {
            tries += 1;
            if tries < 100 {
                spin_loop();
            } else {
                sleep(Duration::from_millis(1));
            }
        }
    }
}
