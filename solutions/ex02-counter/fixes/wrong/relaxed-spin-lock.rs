// Wrong: with Relaxed, taking the flag says nothing about the number it protects: an old one may still be read.
use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

pub struct Counter {
    busy: AtomicBool,
    visitors: AtomicUsize,
}

impl Counter {
    pub fn new() -> Self {
        Counter { busy: AtomicBool::new(false), visitors: AtomicUsize::new(0) }
    }

    pub fn add(&self) {
        while self.busy.swap(true, Relaxed) {
            spin_loop();
        }
        let visitors = self.visitors.load(Relaxed);
        self.visitors.store(visitors + 1, Relaxed);
        self.busy.store(false, Relaxed);
    }

    pub fn get(&self) -> usize {
        self.visitors.load(Relaxed)
    }
}
