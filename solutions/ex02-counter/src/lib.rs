// A counter of visitors with several doors: each door is a thread.
//
// Why this: `fetch_add` reads, adds and writes in one operation, which no other thread can come between.
//
// What else would do: a `Mutex<usize>` that is locked once per visitor; a loop round `compare_exchange`, which is how an
// operation is made that has no `fetch_…` of its own.
//
// What it costs: all doors write to the same few bytes, so their processors take turns. With hundreds of doors, a
// counter for each door and a sum in `get` would be faster.
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

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
        // Relaxed: the number tells of nothing but itself. It is still exact: a read-modify-write always reads the latest value.
        self.visitors.fetch_add(1, Relaxed);
    }

    /// How many there are.
    pub fn get(&self) -> usize {
        self.visitors.load(Relaxed)
    }
}
