// Wrong: nobody says when the value is there, and a time-out makes up for it.
use std::collections::HashMap;
use std::sync::{Condvar, Mutex};
use std::time::Duration;

pub struct Cache {
    /// `None` while somebody computes the value.
    values: Mutex<HashMap<u32, Option<u32>>>,
    computed: Condvar,
}

impl Cache {
    pub fn new() -> Self {
        Cache { values: Mutex::default(), computed: Condvar::new() }
    }

    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        let mut values = self.values.lock().unwrap();
        loop {
            match values.get(&key) {
                Some(Some(value)) => return *value,
                Some(None) => {
                    values = self.computed.wait_timeout(values, Duration::from_millis(10)).unwrap().0;
                }
                None => break,
            }
        }
        values.insert(key, None);
        drop(values);
        let value = compute();
        self.values.lock().unwrap().insert(key, Some(value));
        value
    }
}
