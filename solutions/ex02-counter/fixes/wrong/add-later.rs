// Wrong: the visitor is counted by a thread that nobody joins, perhaps after the count was read.
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

pub struct Counter {
    visitors: Arc<AtomicUsize>,
}

impl Counter {
    pub fn new() -> Self {
        Counter { visitors: Arc::new(AtomicUsize::new(0)) }
    }

    pub fn add(&self) {
        let visitors = Arc::clone(&self.visitors);
        thread::spawn(move || visitors.fetch_add(1, SeqCst));
    }

    pub fn get(&self) -> usize {
        self.visitors.load(SeqCst)
    }
}
