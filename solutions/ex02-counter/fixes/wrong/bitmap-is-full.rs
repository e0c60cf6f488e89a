// Wrong: "It counts every visitor" with "hundreds of visitors"; each visitor sets a bit, and there
// are 8 x 64 bits: visitor 513 and those after it aren't counted.
use std::array;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts visitors with one bit for each.
pub struct Counter {
    seats: [AtomicU64; 8],
}

impl Counter {
    /// Creates a counter that says 0.
    pub fn new() -> Self {
        Counter { seats: array::from_fn(|_| AtomicU64::new(0)) }
    }

    /// Counts one more visitor.
    pub fn add(&self) {
        for row in &self.seats {
            // Sets the lowest bit that is still 0, if there is one.
            let taken = row.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |bits| {
                (bits != u64::MAX).then(|| bits | (bits + 1))
            });
            if taken.is_ok() {
                return;
            }
        }
    }

    /// Returns the number of visitors.
    pub fn get(&self) -> usize {
        self.seats.iter().map(|row| row.load(Ordering::SeqCst).count_ones() as usize).sum()
    }
}
