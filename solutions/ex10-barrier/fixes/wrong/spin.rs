// Wrong: each arrival knows its meeting, but everybody who waits keeps a processor busy.
use std::hint::spin_loop;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

pub struct Barrier {
    size: usize,
    arrived: AtomicUsize,
}

impl Barrier {
    pub fn new(size: usize) -> Self {
        Barrier { size, arrived: AtomicUsize::new(0) }
    }

    pub fn wait(&self) {
        let mine = self.arrived.fetch_add(1, SeqCst) + 1;
        let needed = mine.div_ceil(self.size) * self.size;
        while self.arrived.load(SeqCst) < needed {
            spin_loop();
        }
    }
}
