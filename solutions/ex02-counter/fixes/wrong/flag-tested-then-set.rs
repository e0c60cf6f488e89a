// Wrong: the home-made lock is itself a check and then an act, so both doors get in.
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread::yield_now;

pub struct Counter {
    busy: AtomicBool,
    visitors: AtomicUsize,
}

impl Counter {
    pub fn new() -> Self {
        Counter { busy: AtomicBool::new(false), visitors: AtomicUsize::new(0) }
    }

    pub fn add(&self) {
        while self.busy.load(SeqCst) {
            yield_now();
        }
        self.busy.store(true, SeqCst);
        let visitors = self.visitors.load(SeqCst);
        self.visitors.store(visitors + 1, SeqCst);
        self.busy.store(false, SeqCst);
    }

    pub fn get(&self) -> usize {
        self.visitors.load(SeqCst)
    }
}
