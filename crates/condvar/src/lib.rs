//! A condition variable: sleep until the state is as you need it. Here: a buffer with room for few items.
//!
//! Producers put, consumers take. A full buffer makes producers wait, which is back-pressure: a fast producer is slowed to the
//! consumers' speed instead of filling the memory. Python has `threading.Condition`, and `queue.Queue` built on it.
//!
//! Waiting needs a loop. A thread that wakes up may find that another one was faster, or that nobody has called it at all (a
//! spurious wakeup). Rust makes you hold the lock while you wait, and gives the items to nobody who does not; it
//! does not make you look again, and it does not know whom you should wake.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};

/// Right: two reasons to wait, two condition variables. Each change wakes one thread, of those whom it helps.
pub struct Buffer {
    items: Mutex<VecDeque<u32>>,
    capacity: usize,
    not_full: Condvar,
    not_empty: Condvar,
}

impl Buffer {
    /// An empty buffer with room for `capacity` items.
    pub fn new(capacity: usize) -> Buffer {
        let items = Mutex::new(VecDeque::with_capacity(capacity));
        Buffer { items, capacity, not_full: Condvar::new(), not_empty: Condvar::new() }
    }

    /// Waits for room and puts the item; how many are in the buffer then.
    pub fn put(&self, item: u32) -> usize {
        let items = self.items.lock().unwrap();
        let mut items = self.not_full.wait_while(items, |items| items.len() == self.capacity).unwrap();
        items.push_back(item);
        self.not_empty.notify_one();
        items.len()
    }

    /// Waits for an item and takes the oldest.
    pub fn take(&self) -> u32 {
        let items = self.items.lock().unwrap();
        let mut items = self.not_empty.wait_while(items, |items| items.is_empty()).unwrap();
        let item = items.pop_front().expect("it is not empty while we hold the lock");
        self.not_full.notify_one();
        item
    }

    /// Wrong: `if` in place of `while`. After a wakeup the buffer may be empty all the same; then there is nothing to return.
    pub fn take_with_if(&self) -> Option<u32> {
        let mut items = self.items.lock().unwrap();
        if items.is_empty() {
            items = self.not_empty.wait(items).unwrap();
        }
        let item = items.pop_front();
        self.not_full.notify_one();
        item
    }
}

/// One bell for both reasons. Right with `notify_all`; with `notify_one` it may wake somebody whom the change does not help,
/// who goes back to sleep, and nobody else is told.
pub struct OneBell {
    items: Mutex<VecDeque<u32>>,
    capacity: usize,
    bell: Condvar,
}

impl OneBell {
    /// An empty buffer with room for `capacity` items.
    pub fn new(capacity: usize) -> OneBell {
        OneBell { items: Mutex::new(VecDeque::new()), capacity, bell: Condvar::new() }
    }

    /// Waits for room and puts the item; `ring` is `Condvar::notify_one` or `Condvar::notify_all`.
    pub fn put(&self, item: u32, ring: fn(&Condvar)) {
        let items = self.items.lock().unwrap();
        let mut items = self.bell.wait_while(items, |items| items.len() == self.capacity).unwrap();
        items.push_back(item);
        ring(&self.bell);
    }

    /// Waits for an item and takes the oldest.
    pub fn take(&self, ring: fn(&Condvar)) -> u32 {
        let items = self.items.lock().unwrap();
        let mut items = self.bell.wait_while(items, |items| items.is_empty()).unwrap();
        let item = items.pop_front().expect("it is not empty while we hold the lock");
        ring(&self.bell);
        item
    }
}
