// A counter of visitors with several doors: each door is a thread.
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many visitors have come in.
pub struct Counter {
    visitors: AtomicUsize,
}

impl Counter {
    /// Nobody is in yet.
    pub fn new() -> Self {
        Counter { visitors: AtomicUsize::new(0) }
    }

    /// One more visitor.
    pub fn add(&self) {
        // TODO: two doors that add at the same moment must add two.
        let visitors = self.visitors.load(Ordering::SeqCst);
        self.visitors.store(visitors + 1, Ordering::SeqCst);
    }

    /// How many there are.
    pub fn get(&self) -> usize {
        self.visitors.load(Ordering::SeqCst)
    }
}
