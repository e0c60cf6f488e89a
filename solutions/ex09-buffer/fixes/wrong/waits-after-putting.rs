// A baker puts the loaf down first and waits afterwards: there are more on the shelf than it has room for.
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
        let mut i = self.items.lock().unwrap();
        i.push_back(item);
        self.changed.notify_all();
        let cap = self.capacity;
        while i.len() > cap {
            i = self.changed.wait(i).unwrap();
        }
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
