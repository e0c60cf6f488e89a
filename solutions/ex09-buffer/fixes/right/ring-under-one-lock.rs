// Right: a ring with a place for each item, and everything that says which place is whose under one lock.
use std::sync::{Condvar, Mutex};

struct Ring {
    places: Vec<u32>,
    first: usize,
    count: usize,
}

pub struct Buffer {
    ring: Mutex<Ring>,
    not_empty: Condvar,
    not_full: Condvar,
}

impl Buffer {
    pub fn new(capacity: usize) -> Self {
        let ring = Ring { places: vec![0; capacity], first: 0, count: 0 };
        Buffer { ring: Mutex::new(ring), not_empty: Condvar::new(), not_full: Condvar::new() }
    }

    pub fn push(&self, item: u32) {
        let mut ring = self.ring.lock().unwrap();
        while ring.count == ring.places.len() {
            ring = self.not_full.wait(ring).unwrap();
        }
        let place = (ring.first + ring.count) % ring.places.len();
        ring.places[place] = item;
        ring.count += 1;
        self.not_empty.notify_one();
    }

    pub fn pop(&self) -> u32 {
        let mut ring = self.ring.lock().unwrap();
        while ring.count == 0 {
            ring = self.not_empty.wait(ring).unwrap();
        }
        let item = ring.places[ring.first];
        ring.first = (ring.first + 1) % ring.places.len();
        ring.count -= 1;
        self.not_full.notify_one();
        item
    }
}
