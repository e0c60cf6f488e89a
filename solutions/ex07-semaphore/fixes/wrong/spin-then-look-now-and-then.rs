// Wrong: it looks a hundred times, then sleeps and looks now and then: no release ever wakes it.
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread::{sleep, yield_now};
use std::time::Duration;

pub struct Semaphore {
    permits: AtomicUsize,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Semaphore { permits: AtomicUsize::new(permits) }
    }

    fn try_acquire(&self) -> bool {
        self.permits.fetch_update(SeqCst, SeqCst, |permits| permits.checked_sub(1)).is_ok()
    }

    pub fn acquire(&self) {
        for _ in 0..100 {
            if self.try_acquire() {
                return;
            }
            yield_now();
        }
        while !self.try_acquire() {
            sleep(Duration::from_millis(1));
        }
    }

    pub fn release(&self) {
        self.permits.fetch_add(1, SeqCst);
    }
}
