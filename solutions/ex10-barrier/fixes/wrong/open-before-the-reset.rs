// Wrong: the generation is raised before the counter is set back, and a fast thread's arrival is wiped out.
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
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
        let mine = self.generation.load(SeqCst);
        if self.arrived.fetch_add(1, SeqCst) + 1 == self.size {
            self.generation.fetch_add(1, SeqCst);
            self.arrived.store(0, SeqCst);
        }
        while self.generation.load(SeqCst) == mine {
            yield_now();
        }
    }
}
