// The room is seen under the lock, and used under another turn of it: two bakers see the same one.
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
    fn wait_for_room(&self) {
        let mut items = self.items.lock().unwrap();
        while items.len() >= self.capacity {
            items = self.changed.wait(items).unwrap();
        }
    }
    pub fn push(&self, item: u32) {
        self.wait_for_room();
        self.items.lock().unwrap().push_back(item);
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
