// Wrong: the capacity is rounded up to a power of two, so a buffer for three takes four.
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
        let items = VecDeque::with_capacity(capacity.next_power_of_two());
        Buffer {
            capacity: capacity.next_power_of_two(),
            items: Mutex::new(items),
            not_empty: Condvar::new(),
            not_full: Condvar::new(),
        }
    }

    pub fn push(&self, item: u32) {
        let mut items = self.items.lock().unwrap();
        while items.len() == self.capacity {
            items = self.not_full.wait(items).unwrap();
        }
        items.push_back(item);
        self.not_empty.notify_one();
    }

    pub fn pop(&self) -> u32 {
        let mut items = self.items.lock().unwrap();
        while items.is_empty() {
            items = self.not_empty.wait(items).unwrap();
        }
        let item = items.pop_front().unwrap();
        self.not_full.notify_one();
        item
    }
}
