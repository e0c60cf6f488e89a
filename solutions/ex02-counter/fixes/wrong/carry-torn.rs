// Wrong: at every 256th visitor the low byte wraps before the carry is added, so get sees 256 visitors too few for a moment.
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering::SeqCst};

pub struct Counter {
    low: AtomicU8,
    high: AtomicUsize,
}

impl Counter {
    pub fn new() -> Self {
        Counter { low: AtomicU8::new(0), high: AtomicUsize::new(0) }
    }

    pub fn add(&self) {
        if self.low.fetch_add(1, SeqCst) == u8::MAX {
            self.high.fetch_add(1, SeqCst);
        }
    }

    pub fn get(&self) -> usize {
        self.high.load(SeqCst) * 256 + usize::from(self.low.load(SeqCst))
    }
}
