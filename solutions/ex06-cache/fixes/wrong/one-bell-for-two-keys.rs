// Wrong: readers of all keys wait on one Condvar, and the one that is woken may be waiting for another key.
use std::collections::HashMap;
use std::sync::{Condvar, Mutex};

pub struct Cache {
    /// `None` while the value is being computed.
    values: Mutex<HashMap<u32, Option<u32>>>,
    computed: Condvar,
}

impl Cache {
    pub fn new() -> Self {
        Cache { values: Mutex::new(HashMap::new()), computed: Condvar::new() }
    }

    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        let mut values = self.values.lock().unwrap();
        while let Some(known) = values.get(&key) {
            if let Some(value) = *known {
                return value;
            }
            values = self.computed.wait(values).unwrap();
        }
        values.insert(key, None);
        drop(values);
        let value = compute();
        self.values.lock().unwrap().insert(key, Some(value));
        self.computed.notify_one();
        value
    }
}
