// Wrong: an RwLock does not help when the number is read under one lock and written under the next.
use std::sync::RwLock;

pub struct Counter {
    visitors: RwLock<usize>,
}

impl Counter {
    pub fn new() -> Self {
        Counter { visitors: RwLock::new(0) }
    }

    pub fn add(&self) {
        let visitors = *self.visitors.read().unwrap();
        *self.visitors.write().unwrap() = visitors + 1;
    }

    pub fn get(&self) -> usize {
        *self.visitors.read().unwrap()
    }
}
