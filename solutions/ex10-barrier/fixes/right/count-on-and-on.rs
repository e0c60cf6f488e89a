// Right: the counter is never set back; a thread's number says which meeting it belongs to.
use std::sync::{Condvar, Mutex};

pub struct Barrier {
    size: usize,
    arrived: Mutex<usize>,
    all_here: Condvar,
}

impl Barrier {
    pub fn new(size: usize) -> Self {
        Barrier { size, arrived: Mutex::new(0), all_here: Condvar::new() }
    }

    pub fn wait(&self) {
        let mut arrived = self.arrived.lock().unwrap();
        *arrived += 1;
        let needed = arrived.div_ceil(self.size) * self.size;
        if *arrived == needed {
            self.all_here.notify_all();
        }
        while *arrived < needed {
            arrived = self.all_here.wait(arrived).unwrap();
        }
    }
}
