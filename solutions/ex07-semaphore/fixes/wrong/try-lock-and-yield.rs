// Wrong: it gives way and looks again, which is spinning too, only more politely.
use std::sync::Mutex;
use std::thread::yield_now;

pub struct Semaphore {
    permits: Mutex<usize>,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Semaphore { permits: Mutex::new(permits) }
    }

    pub fn acquire(&self) {
        loop {
            if let Ok(mut permits) = self.permits.try_lock()
                && *permits > 0
            {
                *permits -= 1;
                return;
            }
            yield_now();
        }
    }

    pub fn release(&self) {
        *self.permits.lock().unwrap() += 1;
    }
}
