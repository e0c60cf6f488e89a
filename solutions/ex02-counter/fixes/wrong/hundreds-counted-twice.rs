// Wrong: "returns the number of visitors"; the door that makes the 100th addition moves 100 to the hundreds, and only then subtracts them: a get() in between returns 200 for 100 visitors.
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts visitors.
pub struct Counter {
    loose: AtomicUsize,
    hundreds: AtomicUsize,
}

impl Counter {
    /// Creates a counter that says 0.
    pub fn new() -> Self {
        Counter { loose: AtomicUsize::new(0), hundreds: AtomicUsize::new(0) }
    }

    /// Counts one more visitor.
    pub fn add(&self) {
        if self.loose.fetch_add(1, Ordering::SeqCst) == 99 {
            self.hundreds.fetch_add(1, Ordering::SeqCst);
            self.loose.fetch_sub(100, Ordering::SeqCst);
        }
    }

    /// Returns the number of visitors.
    pub fn get(&self) -> usize {
        self.hundreds.load(Ordering::SeqCst) * 100 + self.loose.load(Ordering::SeqCst)
    }
}
