// Right: an RwLock, locked for writing by those who add and for reading by those who ask.
use std::sync::RwLock;

pub struct Counter {
    visitors: RwLock<usize>,
}

impl Counter {
    pub fn new() -> Self {
        Counter { visitors: RwLock::new(0) }
    }

    pub fn add(&self) {
        let mut visitors = self.visitors.write().unwrap();
        *visitors += 1;
    }

    pub fn get(&self) -> usize {
        *self.visitors.read().unwrap()
    }
}
