// Wrong: one step that cannot be torn apart, but whoever is overtaken three times gives up, and the visitor is not counted.
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

pub struct Counter {
    visitors: AtomicUsize,
}

impl Counter {
    pub fn new() -> Self {
        Counter { visitors: AtomicUsize::new(0) }
    }

    pub fn add(&self) {
        for _ in 0..3 {
            let seen = self.visitors.load(SeqCst);
            if self.visitors.compare_exchange(seen, seen + 1, SeqCst, SeqCst).is_ok() {
                return;
            }
        }
    }

    pub fn get(&self) -> usize {
        self.visitors.load(SeqCst)
    }
}
