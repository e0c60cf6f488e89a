// Wrong: the counters of the ring are u8, and where they wrap two items get the same slot unless the capacity divides 256.
use std::sync::{Condvar, Mutex};

struct Ring {
    slots: Vec<u32>,
    head: u8,
    tail: u8,
    len: usize,
}

pub struct Buffer {
    ring: Mutex<Ring>,
    capacity: usize,
    not_empty: Condvar,
    not_full: Condvar,
}

impl Buffer {
    pub fn new(capacity: usize) -> Self {
        Buffer {
            ring: Mutex::new(Ring { slots: vec![0; capacity], head: 0, tail: 0, len: 0 }),
            capacity,
            not_empty: Condvar::new(),
            not_full: Condvar::new(),
        }
    }

    pub fn push(&self, item: u32) {
        let mut ring = self.ring.lock().unwrap();
        while ring.len == self.capacity {
            ring = self.not_full.wait(ring).unwrap();
        }
        let index = ring.tail as usize % self.capacity;
        ring.slots[index] = item;
        ring.tail = ring.tail.wrapping_add(1);
        ring.len += 1;
        self.not_empty.notify_one();
    }

    pub fn pop(&self) -> u32 {
        let mut ring = self.ring.lock().unwrap();
        while ring.len == 0 {
            ring = self.not_empty.wait(ring).unwrap();
        }
        let item = ring.slots[ring.head as usize % self.capacity];
        ring.head = ring.head.wrapping_add(1);
        ring.len -= 1;
        self.not_full.notify_one();
        item
    }
}
