// Wrong: the lock is released between reading the number and writing it back.
use std::sync::Mutex;

pub struct Counter {
    visitors: Mutex<usize>,
}

impl Counter {
    pub fn new() -> Self {
        Counter { visitors: Mutex::new(0) }
    }

    pub fn add(&self) {
        let visitors = *self.visitors.lock().unwrap();
        *self.visitors.lock().unwrap() = visitors + 1;
    }

    pub fn get(&self) -> usize {
        *self.visitors.lock().unwrap()
    }
}
