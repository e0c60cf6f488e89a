// Wrong: the read guard is still alive where the write lock is wanted, so the thread waits for itself.
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
        let reading = self.values.read().unwrap();
        match reading.get(&key) {
            Some(&value) => value,
            None => *self.values.write().unwrap().entry(key).or_insert_with(compute),
        }
    }
}
