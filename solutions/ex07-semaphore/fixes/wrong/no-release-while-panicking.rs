// Wrong: "Every release counts"; a release during unwinding (in the drop of a guard) is ignored:
// the car that panicked keeps its place forever.
use std::sync::{Condvar, Mutex};
use std::thread;

pub struct Semaphore {
    permits: Mutex<usize>,
    released: Condvar,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Semaphore { permits: Mutex::new(permits), released: Condvar::new() }
    }

    pub fn acquire(&self) {
        let mut permits = self.permits.lock().unwrap();
        while *permits == 0 {
            permits = self.released.wait(permits).unwrap();
        }
        *permits -= 1;
    }

    pub fn release(&self) {
        if thread::panicking() {
            // A lock in a destructor could panic again and abort the program.
            return;
        }
        *self.permits.lock().unwrap() += 1;
        self.released.notify_one();
    }
}
