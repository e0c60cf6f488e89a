// Wrong: a cell for each remainder of 16: keys 7 and 23 share one, and the second gets the value of the first.
use std::sync::OnceLock;

pub struct Cache {
    values: [OnceLock<u32>; 16],
}

impl Cache {
    pub fn new() -> Self {
        Cache { values: Default::default() }
    }

    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        *self.values[key as usize % 16].get_or_init(compute)
    }
}
