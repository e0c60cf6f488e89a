// Wrong: a static is one number for all counters, so the cinema counts the museum's visitors.
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

static VISITORS: AtomicUsize = AtomicUsize::new(0);

pub struct Counter;

impl Counter {
    pub fn new() -> Self {
        Counter
    }

    pub fn add(&self) {
        VISITORS.fetch_add(1, SeqCst);
    }

    pub fn get(&self) -> usize {
        VISITORS.load(SeqCst)
    }
}
