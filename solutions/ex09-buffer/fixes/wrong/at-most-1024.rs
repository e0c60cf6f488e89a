// Wrong: "with room for the given number of items"; there is never room for more than 1,024: new(1500), the push number 1,025 waits although the buffer isn't full.
use std::sync::{Condvar, Mutex};

const PLACES: usize = 1024;

struct Ring {
    places: Box<[u32]>,
    first: usize,
    len: usize,
}

/// A queue with limited room, first in, first out.
pub struct Buffer {
    ring: Mutex<Ring>,
    capacity: usize,
    not_empty: Condvar,
    not_full: Condvar,
}

impl Buffer {
    /// Creates an empty buffer with room for `capacity` items (at least one).
    pub fn new(capacity: usize) -> Self {
        let places = vec![0; PLACES].into_boxed_slice();
        Buffer {
            ring: Mutex::new(Ring { places, first: 0, len: 0 }),
            capacity: capacity.clamp(1, PLACES),
            not_empty: Condvar::new(),
            not_full: Condvar::new(),
        }
    }

    /// Adds an item. Blocks while the buffer is full.
    pub fn push(&self, item: u32) {
        let mut ring = self.ring.lock().unwrap();
        while ring.len == self.capacity {
            ring = self.not_full.wait(ring).unwrap();
        }
        let next = (ring.first + ring.len) % PLACES;
        ring.places[next] = item;
        ring.len += 1;
        self.not_empty.notify_one();
    }

    /// Takes the oldest item. Blocks while there is none.
    pub fn pop(&self) -> u32 {
        let mut ring = self.ring.lock().unwrap();
        while ring.len == 0 {
            ring = self.not_empty.wait(ring).unwrap();
        }
        let item = ring.places[ring.first];
        ring.first = (ring.first + 1) % PLACES;
        ring.len -= 1;
        self.not_full.notify_one();
        item
    }
}
