// Wrong: fetch_add is the right operation, but an AtomicU8 has no room for more than 255 visitors.
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

pub struct Counter {
    visitors: AtomicU8,
}

impl Counter {
    pub fn new() -> Self {
        Counter { visitors: AtomicU8::new(0) }
    }

    pub fn add(&self) {
        self.visitors.fetch_add(1, Relaxed);
    }

    pub fn get(&self) -> usize {
        self.visitors.load(Relaxed).into()
    }
}
