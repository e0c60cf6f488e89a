// A buffer between threads that make something and threads that use it.
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};

/// A queue with limited room, first in, first out.
pub struct Buffer {
    items: Mutex<VecDeque<u32>>,
    capacity: usize,
    changed: Condvar,
}

impl Buffer {
    /// Creates an empty buffer with room for `capacity` items (at least one).
    pub fn new(capacity: usize) -> Self {
        Buffer { items: Mutex::new(VecDeque::new()), capacity, changed: Condvar::new() }
    }

    /// Adds an item. Blocks while the buffer is full.
    pub fn push(&self, item: u32) {
        let mut items = self.items.lock().unwrap();
        while items.len() == self.capacity {
            items = self.changed.wait(items).unwrap();
        }
        items.push_back(item);
        // TODO: threads that wait for an item and threads that wait for room share one
        // condition variable. Which thread does this wake?
        self.changed.notify_one();
    }

    /// Takes the oldest item. Blocks while there is none.
    pub fn pop(&self) -> u32 {
        let mut items = self.items.lock().unwrap();
        while items.is_empty() {
            items = self.changed.wait(items).unwrap();
        }
        let item = items.pop_front().expect("the loop has just seen one");
        self.changed.notify_one();
        item
    }
}
