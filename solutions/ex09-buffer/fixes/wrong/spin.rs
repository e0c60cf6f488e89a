// Wrong: giving way and looking again is spinning: it keeps a processor busy as long as it waits.
use std::collections::VecDeque;
use std::sync::Mutex;
use std::thread::yield_now;

pub struct Buffer {
    items: Mutex<VecDeque<u32>>,
    capacity: usize,
}

impl Buffer {
    pub fn new(capacity: usize) -> Self {
        Buffer { items: Mutex::default(), capacity }
    }

    pub fn push(&self, item: u32) {
        loop {
            {
                let mut items = self.items.lock().unwrap();
                if items.len() < self.capacity {
                    items.push_back(item);
                    return;
                }
            }
            yield_now();
        }
    }

    pub fn pop(&self) -> u32 {
        loop {
            let item = self.items.lock().unwrap().pop_front();
            match item {
                Some(item) => return item,
                None => yield_now(),
            }
        }
    }
}
