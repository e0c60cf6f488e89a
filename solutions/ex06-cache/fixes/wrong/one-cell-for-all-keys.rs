// Wrong: one OnceLock computes once and for all: every key gets the value of the first.
use std::sync::OnceLock;

pub struct Cache {
    value: OnceLock<u32>,
}

impl Cache {
    pub fn new() -> Self {
        Cache { value: OnceLock::new() }
    }

    pub fn get(&self, _key: u32, compute: impl FnOnce() -> u32) -> u32 {
        *self.value.get_or_init(compute)
    }
}
