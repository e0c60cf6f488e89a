// A cache for values that take long to compute.
use std::collections::HashMap;
use std::sync::RwLock;

/// Remembers the value of each key.
pub struct Cache {
    values: RwLock<HashMap<u32, u32>>,
}

impl Cache {
    /// Creates an empty cache.
    pub fn new() -> Self {
        Cache { values: RwLock::new(HashMap::new()) }
    }

    /// Returns the value of `key`. Only the first call computes it.
    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        // TODO: two threads that ask for the same new key must not both compute it.
        if let Some(&value) = self.values.read().unwrap().get(&key) {
            return value;
        }
        let value = compute();
        self.values.write().unwrap().insert(key, value);
        value
    }
}
