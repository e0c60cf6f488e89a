// Wrong: "Each key's value is computed once"; when a new key comes and 200 keys are there, all keys that nobody is using at the moment are removed: after get(0..=200), get(0) computes again.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

/// More keys than this are worth a cleanup.
const MANY: usize = 200;

/// Remembers the value of each key.
pub struct Cache {
    values: Mutex<HashMap<u32, Arc<OnceLock<u32>>>>,
}

impl Cache {
    /// Creates an empty cache.
    pub fn new() -> Self {
        Cache { values: Mutex::new(HashMap::new()) }
    }

    /// Returns the value of `key`. Only the first call computes it.
    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        let cell = {
            let mut values = self.values.lock().unwrap();
            if values.len() >= MANY && !values.contains_key(&key) {
                // Keep the cells that someone waits for.
                values.retain(|_, cell| Arc::strong_count(cell) > 1);
            }
            Arc::clone(values.entry(key).or_default())
        };
        *cell.get_or_init(compute)
    }
}
