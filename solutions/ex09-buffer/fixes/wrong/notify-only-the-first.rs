// Wrong: only the first item and the first free place are announced, and a second who waits sleeps on.
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
        if items.len() == 1 {
            self.not_empty.notify_one();
        }
    }

    pub fn pop(&self) -> u32 {
        let items = self.items.lock().unwrap();
        let mut items = self.not_empty.wait_while(items, |items| items.is_empty()).unwrap();
        let item = items.pop_front().unwrap();
        if items.len() == self.capacity - 1 {
            self.not_full.notify_one();
        }
        item
    }
}
