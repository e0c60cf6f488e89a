// Right: compare_exchange_weak in a loop that goes on until nobody was faster.
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

pub struct Counter {
    visitors: AtomicUsize,
}

impl Counter {
    pub fn new() -> Self {
        Counter { visitors: AtomicUsize::new(0) }
    }

    pub fn add(&self) {
        let mut visitors = self.visitors.load(SeqCst);
        while let Err(now) = self.visitors.compare_exchange_weak(visitors, visitors + 1, SeqCst, SeqCst) {
            visitors = now;
        }
    }

    pub fn get(&self) -> usize {
        self.visitors.load(SeqCst)
    }
}
