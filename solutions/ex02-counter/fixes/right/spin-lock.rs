// Right: a spin lock with Acquire and Release makes load and store one critical section.
use std::hint::spin_loop;
use std::sync::atomic::{
    AtomicBool, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};

pub struct Counter {
    busy: AtomicBool,
    visitors: AtomicUsize,
}

impl Counter {
    pub fn new() -> Self {
        Counter { busy: AtomicBool::new(false), visitors: AtomicUsize::new(0) }
    }

    fn locked<R>(&self, work: impl FnOnce(&AtomicUsize) -> R) -> R {
        while self.busy.swap(true, Acquire) {
            spin_loop();
        }
        let result = work(&self.visitors);
        self.busy.store(false, Release);
        result
    }

    pub fn add(&self) {
        self.locked(|visitors| visitors.store(visitors.load(Relaxed) + 1, Relaxed));
    }

    pub fn get(&self) -> usize {
        self.locked(|visitors| visitors.load(Relaxed))
    }
}
