// Wrong: an atomic that is tried again and again keeps a processor busy as long as it waits.
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread::yield_now;

pub struct Semaphore {
    permits: AtomicUsize,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Semaphore { permits: AtomicUsize::new(permits) }
    }

    pub fn acquire(&self) {
        while self.permits.fetch_update(SeqCst, SeqCst, |permits| permits.checked_sub(1)).is_err() {
            yield_now();
        }
    }

    pub fn release(&self) {
        self.permits.fetch_add(1, SeqCst);
    }
}
