// A heap hands out the smallest number, not the oldest loaf.
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Condvar, Mutex};
pub struct Buffer {
    items: Mutex<BinaryHeap<Reverse<u32>>>,
    capacity: usize,
    changed: Condvar,
}
impl Buffer {
    pub fn new(capacity: usize) -> Self {
        Buffer { items: Mutex::new(BinaryHeap::new()), capacity, changed: Condvar::new() }
    }
    pub fn push(&self, item: u32) {
        self.changed
            .wait_while(self.items.lock().unwrap(), |i| i.len() >= self.capacity)
            .unwrap()
            .push(Reverse(item));
        self.changed.notify_all();
    }
    pub fn pop(&self) -> u32 {
        let i =
            self.changed.wait_while(self.items.lock().unwrap(), |i| i.is_empty()).unwrap().pop().unwrap().0;
        self.changed.notify_all();
        i
    }
}
