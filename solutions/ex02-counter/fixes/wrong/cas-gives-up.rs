// Wrong: "It counts every visitor, and retries for as long as that takes."; after 100 failed
// compare-and-swaps in a row (others count 100 visitors, one between each load and swap) the
// visitor is lost.
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
        for _attempt in 0..100 {
            let seen = self.visitors.load(Ordering::SeqCst);
            let swapped = self.visitors.compare_exchange(seen, seen + 1, Ordering::SeqCst, Ordering::SeqCst);
            if swapped.is_ok() {
                return;
            }
        }
    }

    /// Returns the number of visitors.
    pub fn get(&self) -> usize {
        self.visitors.load(Ordering::SeqCst)
    }
}
