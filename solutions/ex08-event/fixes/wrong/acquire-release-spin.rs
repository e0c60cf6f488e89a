// Wrong: the orderings are right, but every runner who waits keeps a processor busy.
use std::hint::spin_loop;
use std::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};

pub struct Event {
    is_set: AtomicBool,
}

impl Event {
    pub fn new() -> Self {
        Event { is_set: AtomicBool::new(false) }
    }

    pub fn set(&self) {
        self.is_set.store(true, Release);
    }

    pub fn wait(&self) {
        while !self.is_set.load(Acquire) {
            spin_loop();
        }
    }
}
