// Wrong: set back to 0 without a generation, the counter shows a slow thread the arrivals of the next meeting.
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
        if *arrived == self.size {
            *arrived = 0;
            self.all_here.notify_all();
        }
        while *arrived != 0 {
            arrived = self.all_here.wait(arrived).unwrap();
        }
    }
}
