// Wrong: computed once, but whoever waits for the value asks again and again, and keeps a processor busy.
use std::collections::HashMap;
use std::sync::Mutex;
use std::thread;

pub struct Cache {
    /// `None` while somebody computes the value.
    values: Mutex<HashMap<u32, Option<u32>>>,
}

impl Cache {
    pub fn new() -> Self {
        Cache { values: Mutex::default() }
    }

    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        loop {
            let mut values = self.values.lock().unwrap();
            match values.get(&key) {
                Some(Some(value)) => return *value,
                Some(None) => {
                    drop(values);
                    thread::yield_now();
                }
                None => {
                    values.insert(key, None);
                    break;
                }
            }
        }
        let value = compute();
        self.values.lock().unwrap().insert(key, Some(value));
        value
    }
}
