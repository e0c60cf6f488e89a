// Wrong: "room for that many items"; the capacity is kept as u8: Buffer::new(256) has no room at
// all (the first push waits for ever), Buffer::new(300) has room for 44.
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};

pub struct Buffer {
    items: Mutex<VecDeque<u32>>,
    capacity: u8,
    not_empty: Condvar,
    not_full: Condvar,
}

impl Buffer {
    pub fn new(capacity: usize) -> Self {
        Buffer {
            items: Mutex::new(VecDeque::new()),
            capacity: capacity as u8,
            not_empty: Condvar::new(),
            not_full: Condvar::new(),
        }
    }

    pub fn push(&self, item: u32) {
        let items = self.items.lock().unwrap();
        let mut items = self.not_full.wait_while(items, |i| i.len() >= self.capacity.into()).unwrap();
        items.push_back(item);
        self.not_empty.notify_one();
    }

    pub fn pop(&self) -> u32 {
        let items = self.items.lock().unwrap();
        let mut items = self.not_empty.wait_while(items, |i| i.is_empty()).unwrap();
        let item = items.pop_front().unwrap();
        self.not_full.notify_one();
        item
    }
}
