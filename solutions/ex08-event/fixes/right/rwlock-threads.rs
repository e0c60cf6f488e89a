// Right: atomics for the flag and an RwLock with the list of threads; the flag is checked again after each entry.
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};

#[derive(Default)]
pub struct Event {
    is_set: AtomicBool,
    runners: RwLock<Vec<Thread>>,
}

impl Event {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn set(&self) {
        self.is_set.store(true, Ordering::SeqCst);
        for runner in self.runners.read().unwrap().iter() {
            runner.unpark();
        }
    }

    pub fn wait(&self) {
        if self.is_set.load(Ordering::SeqCst) {
            return;
        }
        self.runners.write().unwrap().push(thread::current());
        // Either set finds us on the list, or we find its flag.
        while !self.is_set.load(Ordering::SeqCst) {
            thread::park();
        }
    }
}
