// Right: it looks a few times before it goes to sleep, as many locks do; how long it may have to wait does not matter to that.
use std::sync::{Condvar, Mutex};
use std::thread::yield_now;

pub struct Semaphore {
    permits: Mutex<usize>,
    released: Condvar,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Semaphore { permits: Mutex::new(permits), released: Condvar::new() }
    }

    pub fn acquire(&self) {
        for _ in 0..3 {
            if let Ok(mut permits) = self.permits.try_lock()
                && *permits > 0
            {
                *permits -= 1;
                return;
            }
            yield_now();
        }
        let permits = self.permits.lock().unwrap();
        *self.released.wait_while(permits, |permits| *permits == 0).unwrap() -= 1;
    }

    pub fn release(&self) {
        *self.permits.lock().unwrap() += 1;
        self.released.notify_one();
    }
}
