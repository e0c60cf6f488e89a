// Wrong: a Vec that is popped is a stack: the newest loaf is taken first.
use std::sync::{Condvar, Mutex};

pub struct Buffer {
    items: Mutex<Vec<u32>>,
    capacity: usize,
    changed: Condvar,
}

impl Buffer {
    pub fn new(capacity: usize) -> Self {
        Buffer { items: Mutex::new(vec![]), capacity, changed: Condvar::new() }
    }

    pub fn push(&self, item: u32) {
        let items = self.items.lock().unwrap();
        self.changed.wait_while(items, |items| items.len() == self.capacity).unwrap().push(item);
        self.changed.notify_all();
    }

    pub fn pop(&self) -> u32 {
        let items = self.items.lock().unwrap();
        let item = self.changed.wait_while(items, |items| items.is_empty()).unwrap().pop().unwrap();
        self.changed.notify_all();
        item
    }
}
