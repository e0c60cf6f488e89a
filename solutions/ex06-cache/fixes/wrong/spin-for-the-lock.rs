// Wrong: computed once, but whoever finds the lock taken tries again and again while the other computes.
use std::collections::HashMap;
use std::hint::spin_loop;
use std::sync::Mutex;

pub struct Cache {
    values: Mutex<HashMap<u32, u32>>,
}

impl Cache {
    pub fn new() -> Self {
        Cache { values: Mutex::default() }
    }

    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        loop {
            if let Ok(mut values) = self.values.try_lock() {
                return *values.entry(key).or_insert_with(compute);
            }
            spin_loop();
        }
    }
}
