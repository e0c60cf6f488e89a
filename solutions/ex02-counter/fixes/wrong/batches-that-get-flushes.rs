// Wrong: visitors are counted in batches, each thread for itself, and only a thread's own `get` adds an unfinished batch.
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

thread_local! {
    static BATCH: Cell<usize> = const { Cell::new(0) };
}

pub struct Counter {
    visitors: AtomicUsize,
}

impl Counter {
    pub fn new() -> Self {
        Counter { visitors: AtomicUsize::new(0) }
    }

    pub fn add(&self) {
        BATCH.set(BATCH.get() + 1);
        if BATCH.get() == 16 {
            self.visitors.fetch_add(BATCH.take(), Relaxed);
        }
    }

    pub fn get(&self) -> usize {
        self.visitors.fetch_add(BATCH.take(), Relaxed);
        self.visitors.load(Relaxed)
    }
}
