// Wrong: a buffer that is never full needs no second wait, and grows as long as bakers are faster.
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};

pub struct Buffer {
    items: Mutex<VecDeque<u32>>,
    not_empty: Condvar,
}

impl Buffer {
    pub fn new(_capacity: usize) -> Self {
        Buffer { items: Mutex::default(), not_empty: Condvar::new() }
    }

    pub fn push(&self, item: u32) {
        self.items.lock().unwrap().push_back(item);
        self.not_empty.notify_one();
    }

    pub fn pop(&self) -> u32 {
        let items = self.items.lock().unwrap();
        self.not_empty.wait_while(items, |items| items.is_empty()).unwrap().pop_front().unwrap()
    }
}
