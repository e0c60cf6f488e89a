// Wrong: each side notifies the condition variable on which its own kind waits.
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};

pub struct Buffer {
    items: Mutex<VecDeque<u32>>,
    capacity: usize,
    not_empty: Condvar,
    not_full: Condvar,
}

impl Buffer {
    pub fn new(capacity: usize) -> Self {
        Buffer { items: Mutex::default(), capacity, not_empty: Condvar::new(), not_full: Condvar::new() }
    }

    pub fn push(&self, item: u32) {
        let items = self.items.lock().unwrap();
        let mut items = self.not_full.wait_while(items, |items| items.len() == self.capacity).unwrap();
        items.push_back(item);
        self.not_full.notify_one();
    }

    pub fn pop(&self) -> u32 {
        let items = self.items.lock().unwrap();
        let mut items = self.not_empty.wait_while(items, |items| items.is_empty()).unwrap();
        let item = items.pop_front().unwrap();
        self.not_empty.notify_one();
        item
    }
}
