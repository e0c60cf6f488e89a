// Wrong: each thread counts for itself, and only its own `get` adds what it has counted to the sum.
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

thread_local! {
    static NOT_YET_ADDED: Cell<usize> = const { Cell::new(0) };
}

pub struct Counter {
    visitors: AtomicUsize,
}

impl Counter {
    pub fn new() -> Self {
        Counter { visitors: AtomicUsize::new(0) }
    }

    pub fn add(&self) {
        NOT_YET_ADDED.set(NOT_YET_ADDED.get() + 1);
    }

    pub fn get(&self) -> usize {
        let mine = NOT_YET_ADDED.take();
        self.visitors.fetch_add(mine, SeqCst) + mine
    }
}
