// Right: the write lock becomes a read lock without being released, so the value is read as it was written.
use std::collections::HashMap;
use std::sync::{RwLock, RwLockWriteGuard};

pub struct Cache {
    values: RwLock<HashMap<u32, u32>>,
}

impl Cache {
    pub fn new() -> Self {
        Cache { values: RwLock::new(HashMap::new()) }
    }

    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        if let Some(value) = self.values.read().unwrap().get(&key).copied() {
            return value;
        }
        let mut values = self.values.write().unwrap();
        values.entry(key).or_insert_with(compute);
        let values = RwLockWriteGuard::downgrade(values);
        values[&key]
    }
}
