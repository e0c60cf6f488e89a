// Wrong: whoever waits keeps the gate, and release has to pass it: neither can go on.
use std::sync::{Condvar, Mutex};

pub struct Semaphore {
    gate: Mutex<()>,
    permits: Mutex<usize>,
    released: Condvar,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Semaphore { gate: Mutex::new(()), permits: Mutex::new(permits), released: Condvar::new() }
    }

    pub fn acquire(&self) {
        let _gate = self.gate.lock().unwrap();
        let mut permits = self.permits.lock().unwrap();
        while *permits == 0 {
            permits = self.released.wait(permits).unwrap();
        }
        *permits -= 1;
    }

    pub fn release(&self) {
        let _gate = self.gate.lock().unwrap();
        *self.permits.lock().unwrap() += 1;
        self.released.notify_one();
    }
}
