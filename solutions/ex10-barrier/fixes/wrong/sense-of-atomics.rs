// Wrong: it spins, and with a third thread, one that read the generation before the others met never goes on.
use std::sync::atomic::{
    AtomicUsize,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use std::thread::yield_now;

pub struct Barrier {
    size: usize,
    arrived: AtomicUsize,
    generation: AtomicUsize,
}

impl Barrier {
    pub fn new(size: usize) -> Self {
        Barrier { size, arrived: AtomicUsize::new(0), generation: AtomicUsize::new(0) }
    }

    pub fn wait(&self) {
        let mine = self.generation.load(Acquire);
        if self.arrived.fetch_add(1, AcqRel) + 1 == self.size {
            // The Release of the next line makes it visible to whoever sees the new generation.
            self.arrived.store(0, Relaxed);
            self.generation.fetch_add(1, Release);
            return;
        }
        while self.generation.load(Acquire) == mine {
            yield_now();
        }
    }
}
