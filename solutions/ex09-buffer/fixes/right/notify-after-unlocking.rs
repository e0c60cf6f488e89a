// Right: two condition variables, notified when the lock is free again.
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};

pub struct Buffer {
    items: Mutex<VecDeque<u32>>,
    capacity: usize,
    bread: Condvar,
    room: Condvar,
}

impl Buffer {
    pub fn new(capacity: usize) -> Self {
        Buffer { items: Mutex::default(), capacity, bread: Condvar::new(), room: Condvar::new() }
    }

    pub fn push(&self, item: u32) {
        {
            let mut items = self.items.lock().unwrap();
            while items.len() >= self.capacity {
                items = self.room.wait(items).unwrap();
            }
            items.push_back(item);
        }
        self.bread.notify_one();
    }

    pub fn pop(&self) -> u32 {
        let item = {
            let mut items = self.items.lock().unwrap();
            while items.is_empty() {
                items = self.bread.wait(items).unwrap();
            }
            items.pop_front().unwrap()
        };
        self.room.notify_one();
        item
    }
}
