// Wrong: everybody gets the same value, but it is still computed twice and one of the two thrown away.
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
        let value = compute();
        *self.values.write().unwrap().entry(key).or_insert(value)
    }
}
