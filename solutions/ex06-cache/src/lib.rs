// A cache of results that take long to compute.
//
// Why this: the map holds a cell for each key, and a cell lets one thread compute while the others who want the same
// key wait. The map itself is locked only as long as it takes to find a cell, so other keys go on.
//
// What else would do: computing under the write lock after a second look, `write().entry(key).or_insert_with(compute)`.
// It is shorter and as right, and every other key waits for as long as a computation takes.
//
// What it costs: an allocation for each key. A `compute` that panics leaves its cell empty, and the next caller computes.
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, RwLock};

/// Remembers the value of each key.
pub struct Cache {
    values: RwLock<HashMap<u32, Arc<OnceLock<u32>>>>,
}

impl Cache {
    /// A cache that remembers nothing yet.
    pub fn new() -> Self {
        Cache { values: RwLock::new(HashMap::new()) }
    }

    /// The value of `key`; the first call computes it, all others get what was computed.
    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        // In a statement of its own, so that the read lock is gone when the write lock is wanted.
        let known = self.values.read().unwrap().get(&key).cloned();
        // `or_default` is the second look: whoever came in between has put the cell there.
        let cell = known.unwrap_or_else(|| Arc::clone(self.values.write().unwrap().entry(key).or_default()));
        *cell.get_or_init(compute)
    }
}
