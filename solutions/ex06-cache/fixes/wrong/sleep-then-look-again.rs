// Wrong: waiting a moment for the other thread is a hope: both may wait, and then both compute.
use std::collections::HashMap;
use std::sync::RwLock;
use std::thread::sleep;
use std::time::Duration;

pub struct Cache {
    values: RwLock<HashMap<u32, u32>>,
}

impl Cache {
    pub fn new() -> Self {
        Cache { values: RwLock::new(HashMap::new()) }
    }

    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        for _attempt in 0..2 {
            let known = self.values.read().unwrap().get(&key).copied();
            if let Some(value) = known {
                return value;
            }
            sleep(Duration::from_millis(5));
        }
        let value = compute();
        self.values.write().unwrap().insert(key, value);
        value
    }
}
