// Right: a Mutex, locked once for reading and writing.
use std::sync::Mutex;

pub struct Counter {
    visitors: Mutex<usize>,
}

impl Counter {
    pub fn new() -> Self {
        Counter { visitors: Mutex::new(0) }
    }

    pub fn add(&self) {
        *self.visitors.lock().unwrap() += 1;
    }

    pub fn get(&self) -> usize {
        *self.visitors.lock().unwrap()
    }
}
