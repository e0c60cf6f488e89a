// Wrong: when the compare_exchange fails because the other door was faster, the visitor is dropped.
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

pub struct Counter {
    visitors: AtomicUsize,
}

impl Counter {
    pub fn new() -> Self {
        Counter { visitors: AtomicUsize::new(0) }
    }

    pub fn add(&self) {
        let visitors = self.visitors.load(SeqCst);
        let _ = self.visitors.compare_exchange(visitors, visitors + 1, SeqCst, SeqCst);
    }

    pub fn get(&self) -> usize {
        self.visitors.load(SeqCst)
    }
}
