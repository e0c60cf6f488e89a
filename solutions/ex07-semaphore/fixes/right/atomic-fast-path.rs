// Right: an atomic for the usual case, a lock and a condition variable for those who wait.
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Condvar, Mutex};

pub struct Semaphore {
    permits: AtomicUsize,
    waiting: Mutex<()>,
    released: Condvar,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Semaphore { permits: AtomicUsize::new(permits), waiting: Mutex::new(()), released: Condvar::new() }
    }

    fn try_acquire(&self) -> bool {
        self.permits.fetch_update(SeqCst, SeqCst, |permits| permits.checked_sub(1)).is_ok()
    }

    pub fn acquire(&self) {
        if self.try_acquire() {
            return;
        }
        let waiting = self.waiting.lock().unwrap();
        drop(self.released.wait_while(waiting, |_| !self.try_acquire()).unwrap());
    }

    pub fn release(&self) {
        self.permits.fetch_add(1, SeqCst);
        // Taking the lock keeps the notification from falling between a look and a wait.
        let _waiting = self.waiting.lock().unwrap();
        self.released.notify_one();
    }
}
