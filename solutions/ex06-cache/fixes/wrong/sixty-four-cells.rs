// Wrong: a cell for each remainder of the key: two keys that share one share its value.
use std::sync::OnceLock;

pub struct Cache {
    cells: [OnceLock<u32>; 64],
}

impl Cache {
    pub fn new() -> Self {
        Cache { cells: std::array::from_fn(|_| OnceLock::new()) }
    }

    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        *self.cells[key as usize % 64].get_or_init(compute)
    }
}
