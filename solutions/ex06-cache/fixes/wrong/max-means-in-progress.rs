// Wrong: "is woken as soon as the value is there"; u32::MAX marks a key whose compute runs: if
// compute returns u32::MAX, every later get of the key waits forever.
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Condvar, Mutex};

const RUNNING: u32 = u32::MAX;

pub struct Cache {
    values: Mutex<HashMap<u32, u32>>,
    done: Condvar,
}

impl Cache {
    pub fn new() -> Self {
        Cache { values: Mutex::new(HashMap::new()), done: Condvar::new() }
    }

    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        let mut values = self.values.lock().unwrap();
        match values.entry(key) {
            Entry::Vacant(place) => {
                place.insert(RUNNING);
                drop(values);
                let value = compute();
                self.values.lock().unwrap().insert(key, value);
                self.done.notify_all();
                value
            }
            Entry::Occupied(_) => {
                let values = self.done.wait_while(values, |v| v[&key] == RUNNING).unwrap();
                values[&key]
            }
        }
    }
}
