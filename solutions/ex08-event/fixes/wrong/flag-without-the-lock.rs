// Wrong: the flag is set without the lock, so it can change between a runner's look and its wait.
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Condvar, Mutex};

pub struct Event {
    is_set: AtomicBool,
    waiting: Mutex<()>,
    changed: Condvar,
}

impl Event {
    pub fn new() -> Self {
        Event { is_set: AtomicBool::new(false), waiting: Mutex::new(()), changed: Condvar::new() }
    }

    pub fn set(&self) {
        self.is_set.store(true, SeqCst);
        self.changed.notify_all();
    }

    pub fn wait(&self) {
        let mut waiting = self.waiting.lock().unwrap();
        while !self.is_set.load(SeqCst) {
            waiting = self.changed.wait(waiting).unwrap();
        }
    }
}
