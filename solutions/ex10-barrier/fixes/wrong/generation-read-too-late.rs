// Wrong: the generation is read under a second lock, when the meeting may be over, and then the next one is waited for.
use std::sync::{Condvar, Mutex};

pub struct Barrier {
    size: usize,
    arrived: Mutex<usize>,
    generation: Mutex<usize>,
    all_here: Condvar,
}

impl Barrier {
    pub fn new(size: usize) -> Self {
        Barrier { size, arrived: Mutex::new(0), generation: Mutex::new(0), all_here: Condvar::new() }
    }

    pub fn wait(&self) {
        let last = {
            let mut arrived = self.arrived.lock().unwrap();
            *arrived = (*arrived + 1) % self.size;
            *arrived == 0
        };
        let mut generation = self.generation.lock().unwrap();
        if last {
            *generation += 1;
            self.all_here.notify_all();
        } else {
            let mine = *generation;
            drop(self.all_here.wait_while(generation, |generation| *generation == mine).unwrap());
        }
    }
}
