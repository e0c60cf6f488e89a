// Right: an atomic flag with acquire and release, changed and checked under the lock before a wait.
#![forbid(unsafe_code)]
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};

pub struct Event {
    is_set: AtomicBool,
    gate: Mutex<()>,
    changed: Condvar,
}

impl Event {
    pub fn new() -> Self {
        Event { is_set: AtomicBool::new(false), gate: Mutex::new(()), changed: Condvar::new() }
    }

    pub fn set(&self) {
        self.is_set.store(true, Ordering::Release);
        // A thread that saw the old flag waits by the time we get the lock.
        drop(self.gate.lock().unwrap());
        self.changed.notify_all();
    }

    pub fn wait(&self) {
        if self.is_set.load(Ordering::Acquire) {
            return;
        }
        let mut gate = self.gate.lock().unwrap();
        while !self.is_set.load(Ordering::Acquire) {
            gate = self.changed.wait(gate).unwrap();
        }
    }
}
