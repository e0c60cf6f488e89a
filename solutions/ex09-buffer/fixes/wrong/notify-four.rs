// Wrong: "However many bakers and customers there are, a thread that can continue is woken at
// once"; one condvar, four notify_one calls instead of notify_all: 8 customers wait, room 1, the
// baker pushes (wakes C1..C4), waits for room; C1 pops and wakes C5..C8; all customers wait again,
// the baker sleeps although there is room.
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

    /// Wakes a few threads, so that one of the right kind is among them, without a
    /// thundering herd.
    fn wake_some(&self) {
        for _ in 0..4 {
            self.changed.notify_one();
        }
    }

    pub fn push(&self, item: u32) {
        let mut items = self.items.lock().unwrap();
        while items.len() == self.capacity {
            items = self.changed.wait(items).unwrap();
        }
        items.push_back(item);
        self.wake_some();
    }

    pub fn pop(&self) -> u32 {
        let mut items = self.items.lock().unwrap();
        while items.is_empty() {
            items = self.changed.wait(items).unwrap();
        }
        let item = items.pop_front().unwrap();
        self.wake_some();
        item
    }
}
