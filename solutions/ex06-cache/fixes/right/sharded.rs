// Right: a few maps, each with a lock of its own; which one a key belongs to, its hash says.
use std::array;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Mutex;

const SHARDS: usize = 32;

pub struct Cache {
    hasher: RandomState,
    shards: [Mutex<HashMap<u32, u32, RandomState>>; SHARDS],
}

impl Cache {
    pub fn new() -> Self {
        let hasher = RandomState::new();
        let shard = |_| Mutex::new(HashMap::with_hasher(hasher.clone()));
        Cache { shards: array::from_fn(shard), hasher }
    }

    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        let shard = self.hasher.hash_one(key) as usize % SHARDS;
        let mut values = self.shards[shard].lock().unwrap();
        if let Some(value) = values.get(&key) {
            return *value;
        }
        let value = compute();
        let before = values.insert(key, value);
        assert!(before.is_none());
        value
    }
}
