// A buffer between threads that make something and threads that use it.
//
// Why this: those who wait for an item and those who wait for room are on condition variables of their own. Each push
// makes one item, which serves one who waits for items, so `notify_one` is enough; and the same the other way round.
//
// What else would do: one condition variable and `notify_all`, which is shorter and wakes threads for nothing;
// `std::sync::mpsc::sync_channel`, if one consumer is enough or the receiver is put into a Mutex.
//
// What it costs: bakers and customers share one lock and take turns. And a full buffer makes its bakers wait: this is
// back-pressure, and the reason to have a bound.
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};

/// A queue with room for so many items, first in, first out.
pub struct Buffer {
    items: Mutex<VecDeque<u32>>,
    capacity: usize,
    not_empty: Condvar,
    not_full: Condvar,
}

impl Buffer {
    /// An empty buffer with room for `capacity` items, at least one.
    pub fn new(capacity: usize) -> Self {
        Buffer {
            items: Mutex::new(VecDeque::new()),
            capacity,
            not_empty: Condvar::new(),
            not_full: Condvar::new(),
        }
    }

    /// Adds an item; waits as long as the buffer is full.
    pub fn push(&self, item: u32) {
        let items = self.items.lock().unwrap();
        let mut items = self.not_full.wait_while(items, |items| items.len() == self.capacity).unwrap();
        items.push_back(item);
        self.not_empty.notify_one();
    }

    /// Takes the oldest item; waits as long as there is none.
    pub fn pop(&self) -> u32 {
        let items = self.items.lock().unwrap();
        let mut items = self.not_empty.wait_while(items, |items| items.is_empty()).unwrap();
        let item = items.pop_front().expect("the wait ends when there is one");
        self.not_full.notify_one();
        item
    }
}
