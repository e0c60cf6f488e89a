// Right: an RwLock and a second look under the write lock, which is held while computing.
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
        {
            let values = self.values.read().unwrap();
            if let Some(value) = values.get(&key) {
                return *value;
            }
        }
        let mut values = self.values.write().unwrap();
        if let Some(value) = values.get(&key) {
            return *value;
        }
        let value = compute();
        values.insert(key, value);
        value
    }
}
