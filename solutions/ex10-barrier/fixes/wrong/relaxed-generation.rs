// Wrong: a Relaxed generation tells that the others have arrived, but not what they did before.
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
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
        let mine = self.generation.load(Relaxed);
        if self.arrived.fetch_add(1, Relaxed) + 1 == self.size {
            self.arrived.store(0, Relaxed);
            self.generation.fetch_add(1, Relaxed);
        }
        while self.generation.load(Relaxed) == mine {
            yield_now();
        }
    }
}
