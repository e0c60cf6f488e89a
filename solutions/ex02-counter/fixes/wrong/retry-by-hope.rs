// Wrong: two attempts are not enough when the other door is faster twice.
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

pub struct Counter {
    visitors: AtomicUsize,
}

impl Counter {
    pub fn new() -> Self {
        Counter { visitors: AtomicUsize::new(0) }
    }

    pub fn add(&self) {
        for _attempt in 0..2 {
            let visitors = self.visitors.load(SeqCst);
            if self.visitors.compare_exchange(visitors, visitors + 1, SeqCst, SeqCst).is_ok() {
                return;
            }
        }
    }

    pub fn get(&self) -> usize {
        self.visitors.load(SeqCst)
    }
}
