// A counter of visitors with several doors: each door is a thread.
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts visitors.
pub struct Counter {
    visitors: AtomicUsize,
}

impl Counter {
    /// Creates a counter that says 0.
    pub fn new() -> Self {
        Counter { visitors: AtomicUsize::new(0) }
    }

    /// Counts one more visitor.
    pub fn add(&self) {
        // TODO: if two doors add at the same moment, the counter must grow by two.
        let visitors = self.visitors.load(Ordering::SeqCst);
        self.visitors.store(visitors + 1, Ordering::SeqCst);
    }

    /// Returns the number of visitors.
    pub fn get(&self) -> usize {
        self.visitors.load(Ordering::SeqCst)
    }
}
