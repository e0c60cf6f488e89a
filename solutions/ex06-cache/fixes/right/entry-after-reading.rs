// Right: what is there is read under the read lock; for what is not, `entry` looks again under the write lock.
use std::collections::HashMap;
use std::sync::RwLock;

pub struct Cache {
    values: RwLock<HashMap<u32, u32>>,
}

impl Cache {
    pub fn new() -> Self {
        Cache { values: RwLock::new(HashMap::new()) }
    }

    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        if let Some(&value) = self.values.read().unwrap().get(&key) {
            return value;
        }
        *self.values.write().unwrap().entry(key).or_insert_with(compute)
    }
}
