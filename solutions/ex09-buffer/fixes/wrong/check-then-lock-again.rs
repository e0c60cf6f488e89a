// Wrong: between seeing that there is room and using it the lock is free, and another baker uses it.
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
        drop(self.changed.wait_while(items, |items| items.len() == self.capacity).unwrap());
        self.items.lock().unwrap().push_back(item);
        self.changed.notify_all();
    }

    pub fn pop(&self) -> u32 {
        let items = self.items.lock().unwrap();
        drop(self.changed.wait_while(items, |items| items.is_empty()).unwrap());
        let item = self.items.lock().unwrap().pop_front();
        self.changed.notify_all();
        item.expect("the shelf is empty")
    }
}
