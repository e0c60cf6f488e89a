// Right: one Mutex, held while computing.
use std::collections::HashMap;
use std::sync::Mutex;

pub struct Cache {
    values: Mutex<HashMap<u32, u32>>,
}

impl Cache {
    pub fn new() -> Self {
        Cache { values: Mutex::new(HashMap::new()) }
    }

    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        *self.values.lock().unwrap().entry(key).or_insert_with(compute)
    }
}
