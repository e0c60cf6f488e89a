// Wrong: "A thread that waits for another thread's `compute` sleeps, and is woken as soon as the value is available"; a key remembers the last 16 waiters: the 17th pushes the first one out, which is never unparked.
use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::thread::{self, Thread};

const SEATS: usize = 16;

enum Slot {
    Computing(VecDeque<Thread>),
    Ready(u32),
}

/// Remembers the value of each key.
pub struct Cache {
    slots: Mutex<HashMap<u32, Slot>>,
}

impl Cache {
    /// Creates an empty cache.
    pub fn new() -> Self {
        Cache { slots: Mutex::new(HashMap::new()) }
    }

    /// Returns the value of `key`. Only the first call computes it.
    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        loop {
            let mut slots = self.slots.lock().unwrap();
            match slots.get_mut(&key) {
                Some(Slot::Ready(value)) => return *value,
                Some(Slot::Computing(waiters)) => {
                    let me = thread::current();
                    if waiters.iter().all(|waiter| waiter.id() != me.id()) {
                        if waiters.len() == SEATS {
                            waiters.pop_front();
                        }
                        waiters.push_back(me);
                    }
                    drop(slots);
                    thread::park();
                }
                None => {
                    slots.insert(key, Slot::Computing(VecDeque::with_capacity(SEATS)));
                    break;
                }
            }
        }
        let value = compute();
        let old = self.slots.lock().unwrap().insert(key, Slot::Ready(value));
        if let Some(Slot::Computing(waiters)) = old {
            waiters.iter().for_each(Thread::unpark);
        }
        value
    }
}
