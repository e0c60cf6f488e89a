// Right: a Mutex for each key, found under a lock that is let go before computing.
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

pub struct Cache {
    values: Mutex<BTreeMap<u32, Arc<Mutex<Option<u32>>>>>,
}

impl Cache {
    pub fn new() -> Self {
        Cache { values: Mutex::new(BTreeMap::new()) }
    }

    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        let cell = Arc::clone(self.values.lock().unwrap().entry(key).or_default());
        let mut cell = cell.lock().unwrap();
        *cell.get_or_insert_with(compute)
    }
}
