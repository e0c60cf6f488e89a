// Wrong: `if` round the wait: who is woken without a reason finds no value yet.
use std::collections::HashMap;
use std::sync::{Condvar, Mutex};

pub struct Cache {
    values: Mutex<HashMap<u32, Option<u32>>>,
    ready: Condvar,
}

impl Cache {
    pub fn new() -> Self {
        Cache { values: Mutex::new(HashMap::new()), ready: Condvar::new() }
    }

    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        let mut values = self.values.lock().unwrap();
        if let Some(None) = values.get(&key) {
            values = self.ready.wait(values).unwrap();
        }
        if let Some(value) = values.get(&key) {
            return value.unwrap_or_default();
        }
        values.insert(key, None);
        drop(values);
        let value = compute();
        self.values.lock().unwrap().insert(key, Some(value));
        self.ready.notify_all();
        value
    }
}
