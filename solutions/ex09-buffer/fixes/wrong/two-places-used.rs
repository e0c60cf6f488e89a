// Of a large shelf only two places are ever used.
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};
pub struct Buffer {
    items: Mutex<VecDeque<u32>>,
    capacity: usize,
    changed: Condvar,
}
impl Buffer {
    pub fn new(capacity: usize) -> Self {
        Buffer { items: Mutex::new(VecDeque::new()), capacity, changed: Condvar::new() }
    }
    pub fn push(&self, item: u32) {
        let room = self.capacity.min(2);
        self.changed.wait_while(self.items.lock().unwrap(), |i| i.len() >= room).unwrap().push_back(item);
        self.changed.notify_all();
    }
    pub fn pop(&self) -> u32 {
        let i = self
            .changed
            .wait_while(self.items.lock().unwrap(), |i| i.is_empty())
            .unwrap()
            .pop_front()
            .unwrap();
        self.changed.notify_all();
        i
    }
}
