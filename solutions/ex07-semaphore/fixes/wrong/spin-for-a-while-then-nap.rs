// Wrong: a waiting thread looks a hundred times, then sleeps for a millisecond between two looks; nothing wakes it.
use std::sync::Mutex;
use std::thread::{sleep, yield_now};
use std::time::Duration;

pub struct Semaphore {
    permits: Mutex<usize>,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Semaphore { permits: Mutex::new(permits) }
    }

    pub fn acquire(&self) {
        for tries in 0.. {
            let mut permits = self.permits.lock().unwrap();
            if *permits > 0 {
                *permits -= 1;
                return;
            }
            drop(permits);
            if tries < 100 {
                yield_now();
            } else {
                sleep(Duration::from_millis(1));
            }
        }
    }

    pub fn release(&self) {
        *self.permits.lock().unwrap() += 1;
    }
}
