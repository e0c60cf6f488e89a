// Wrong: customers sleep until there is bread, but bakers spin until there is room.
use std::collections::VecDeque;
use std::hint::spin_loop;
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
        loop {
            let mut items = self.items.lock().unwrap();
            if items.len() < self.capacity {
                items.push_back(item);
                self.not_empty.notify_one();
                return;
            }
            drop(items);
            spin_loop();
        }
    }

    pub fn pop(&self) -> u32 {
        let items = self.items.lock().unwrap();
        let mut items = self.not_empty.wait_while(items, |items| items.is_empty()).unwrap();
        items.pop_front().unwrap()
    }
}
