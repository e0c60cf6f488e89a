// Wrong: when a value is ready only one of those who wait for it is woken, and it tells nobody.
use std::collections::HashMap;
use std::sync::{Condvar, Mutex};

pub struct Cache {
    /// `None` while somebody computes.
    values: Mutex<HashMap<u32, Option<u32>>>,
    ready: Condvar,
}

impl Cache {
    pub fn new() -> Self {
        Cache { values: Mutex::new(HashMap::new()), ready: Condvar::new() }
    }

    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        let mut values = self.values.lock().unwrap();
        loop {
            match values.get(&key) {
                Some(Some(value)) => return *value,
                Some(None) => values = self.ready.wait(values).unwrap(),
                None => break,
            }
        }
        values.insert(key, None);
        drop(values);
        let value = compute();
        self.values.lock().unwrap().insert(key, Some(value));
        self.ready.notify_one();
        value
    }
}
