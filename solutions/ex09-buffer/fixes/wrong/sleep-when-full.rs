// Wrong: both sides sleep and look again instead of waiting to be woken.
use std::collections::VecDeque;
use std::sync::Mutex;
use std::thread::sleep;
use std::time::Duration;

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
            sleep(Duration::from_millis(1));
        }
    }

    pub fn pop(&self) -> u32 {
        loop {
            if let Some(item) = self.items.lock().unwrap().pop_front() {
                return item;
            }
            sleep(Duration::from_millis(1));
        }
    }
}
