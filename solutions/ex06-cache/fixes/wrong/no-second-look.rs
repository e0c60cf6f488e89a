// Wrong: the write lock is held while computing, but nobody looks again whether the key has come meanwhile.
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
        let known = self.values.read().unwrap().get(&key).copied();
        if let Some(value) = known {
            return value;
        }
        let mut values = self.values.write().unwrap();
        let value = compute();
        values.insert(key, value);
        value
    }
}
