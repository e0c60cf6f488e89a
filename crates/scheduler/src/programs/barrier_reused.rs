//! A barrier that counts who has arrived, and nothing else. Good for one meeting; it is meant for two.

use std::sync::{Condvar, Mutex};

/// A home-made barrier for so many threads.
pub struct Barrier {
    threads: usize,
    arrived: Mutex<usize>,
    everybody: Condvar,
}

impl Barrier {
    /// Nobody has arrived yet.
    pub fn new(threads: usize) -> Barrier {
        Barrier { threads, arrived: Mutex::new(0), everybody: Condvar::new() }
    }

    /// Wrong: a hiker who sleeps takes "no hiker has arrived" for "all hikers have been here", and the next meeting has begun.
    pub fn wait(&self) {
        let mut arrived = self.arrived.lock().unwrap();
        *arrived += 1;
        if *arrived == self.threads {
            *arrived = 0;
            self.everybody.notify_all();
        }
        while *arrived != 0 {
            arrived = self.everybody.wait(arrived).unwrap();
        }
    }
}
