// Wrong: each door counts for itself, and nobody adds the doors up.
use std::cell::Cell;

thread_local! {
    static VISITORS: Cell<usize> = const { Cell::new(0) };
}

pub struct Counter;

impl Counter {
    pub fn new() -> Self {
        Counter
    }

    pub fn add(&self) {
        VISITORS.set(VISITORS.get() + 1);
    }

    pub fn get(&self) -> usize {
        VISITORS.get()
    }
}
