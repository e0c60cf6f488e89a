// Wrong: a door that finds the counter locked does not wait, and its visitor is not counted.
use std::sync::Mutex;

pub struct Counter {
    visitors: Mutex<usize>,
}

impl Counter {
    pub fn new() -> Self {
        Counter { visitors: Mutex::new(0) }
    }

    pub fn add(&self) {
        if let Ok(mut visitors) = self.visitors.try_lock() {
            *visitors += 1;
        }
    }

    pub fn get(&self) -> usize {
        *self.visitors.lock().unwrap()
    }
}
