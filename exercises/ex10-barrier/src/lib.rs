// A barrier: no thread continues until all of them have arrived.
use std::sync::{Condvar, Mutex};

/// Lets threads through in groups of a fixed size, again and again.
pub struct Barrier {
    size: usize,
    arrived: Mutex<usize>,
    all_here: Condvar,
}

impl Barrier {
    /// Creates a barrier for `size` threads (at least one).
    pub fn new(size: usize) -> Self {
        Barrier { size, arrived: Mutex::new(0), all_here: Condvar::new() }
    }

    /// Blocks until `size` threads have arrived. The next round then starts from 0.
    pub fn wait(&self) {
        // TODO: this works once. In the next round the barrier is still open.
        let mut arrived = self.arrived.lock().unwrap();
        *arrived += 1;
        if *arrived == self.size {
            self.all_here.notify_all();
        }
        while *arrived < self.size {
            arrived = self.all_here.wait(arrived).unwrap();
        }
    }
}
