//! A few connections for many threads: a semaphore that hands out what it counts.

use std::ops::Deref;
use std::sync::{Condvar, Mutex};

/// A few of anything, lent to one thread at a time.
pub struct Pool<C> {
    idle: Mutex<Vec<C>>,
    given_back: Condvar,
}

/// Something lent by a pool; goes back when it is dropped.
pub struct Lent<'a, C> {
    pool: &'a Pool<C>,
    item: Option<C>,
}

impl<C> Pool<C> {
    /// A pool of these.
    pub fn new(items: Vec<C>) -> Pool<C> {
        Pool { idle: Mutex::new(items), given_back: Condvar::new() }
    }

    /// Waits until one is idle, and borrows it.
    pub fn lend(&self) -> Lent<'_, C> {
        let idle = self.idle.lock().unwrap();
        let mut idle = self.given_back.wait_while(idle, |idle| idle.is_empty()).unwrap();
        Lent { pool: self, item: idle.pop() }
    }
}

impl<C> Deref for Lent<'_, C> {
    type Target = C;

    fn deref(&self) -> &C {
        self.item.as_ref().expect("it goes back on drop only")
    }
}

impl<C> Drop for Lent<'_, C> {
    fn drop(&mut self) {
        self.pool.idle.lock().unwrap().extend(self.item.take());
        self.pool.given_back.notify_one();
    }
}
