// Wrong: "Every release counts" and "all n can be out at once"; permits saturate at 511: new(600) and 512 acquires in a row (or new(511), one release, 512 acquires): the last acquire waits although permits should be left.
use std::sync::{Condvar, Mutex};

const PERMIT_BITS: u32 = 9;
const MAX_PERMITS: u32 = (1 << PERMIT_BITS) - 1;
const ONE_WAITER: u32 = 1 << PERMIT_BITS;

/// Limits how many threads may hold a permit at the same time.
pub struct Semaphore {
    /// The low bits are the free permits, the high bits the threads that wait.
    packed: Mutex<u32>,
    released: Condvar,
}

impl Semaphore {
    /// Creates a semaphore with that many permits.
    pub fn new(permits: usize) -> Self {
        let permits = permits.min(MAX_PERMITS as usize) as u32;
        Semaphore { packed: Mutex::new(permits), released: Condvar::new() }
    }

    /// Takes a permit. Waits until there is one.
    pub fn acquire(&self) {
        let mut packed = self.packed.lock().unwrap();
        while *packed & MAX_PERMITS == 0 {
            *packed += ONE_WAITER;
            packed = self.released.wait(packed).unwrap();
            *packed -= ONE_WAITER;
        }
        *packed -= 1;
    }

    /// Gives a permit back, and wakes a waiting thread.
    pub fn release(&self) {
        let mut packed = self.packed.lock().unwrap();
        if *packed & MAX_PERMITS < MAX_PERMITS {
            *packed += 1;
        }
        if *packed >= ONE_WAITER {
            self.released.notify_one();
        }
    }
}
