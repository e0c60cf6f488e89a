// Wrong: the load sees a permit, and another thread takes it before the fetch_sub.
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::thread::yield_now;

pub struct Semaphore {
    permits: AtomicI64,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Semaphore { permits: AtomicI64::new(permits as i64) }
    }

    pub fn acquire(&self) {
        while self.permits.load(SeqCst) <= 0 {
            yield_now();
        }
        self.permits.fetch_sub(1, SeqCst);
    }

    pub fn release(&self) {
        self.permits.fetch_add(1, SeqCst);
    }
}
