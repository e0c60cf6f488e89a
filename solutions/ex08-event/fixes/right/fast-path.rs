// Right: an atomic flag spares late comers the lock; who finds it unset waits on a condition variable.
use std::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};
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
        let _waiting = self.waiting.lock().unwrap();
        self.is_set.store(true, Release);
        self.changed.notify_all();
    }

    pub fn wait(&self) {
        if self.is_set.load(Acquire) {
            return;
        }
        let mut waiting = self.waiting.lock().unwrap();
        while !self.is_set.load(Acquire) {
            waiting = self.changed.wait(waiting).unwrap();
        }
    }
}
