// Wrong: pop tells nobody that there is room again.
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};

pub struct Buffer {
    items: Mutex<VecDeque<u32>>,
    capacity: usize,
    changed: Condvar,
}

impl Buffer {
    pub fn new(capacity: usize) -> Self {
        Buffer { items: Mutex::default(), capacity, changed: Condvar::new() }
    }

    pub fn push(&self, item: u32) {
        let items = self.items.lock().unwrap();
        self.changed.wait_while(items, |items| items.len() == self.capacity).unwrap().push_back(item);
        self.changed.notify_all();
    }

    pub fn pop(&self) -> u32 {
        let items = self.items.lock().unwrap();
        self.changed.wait_while(items, |items| items.is_empty()).unwrap().pop_front().unwrap()
    }
}
