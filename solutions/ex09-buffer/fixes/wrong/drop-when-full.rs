// Wrong: whoever finds the buffer full throws the oldest item away instead of waiting.
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};

pub struct Buffer {
    items: Mutex<VecDeque<u32>>,
    capacity: usize,
    not_empty: Condvar,
}

impl Buffer {
    pub fn new(capacity: usize) -> Self {
        Buffer { items: Mutex::default(), capacity, not_empty: Condvar::new() }
    }

    pub fn push(&self, item: u32) {
        let mut items = self.items.lock().unwrap();
        if items.len() == self.capacity {
            items.pop_front();
        }
        items.push_back(item);
        self.not_empty.notify_one();
    }

    pub fn pop(&self) -> u32 {
        let items = self.items.lock().unwrap();
        self.not_empty.wait_while(items, |items| items.is_empty()).unwrap().pop_front().unwrap()
    }
}
