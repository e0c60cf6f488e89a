//! A memo: it computes the value for each key once, however many threads ask for it.
//!
//! This is plain std code. `tests/interleavings.rs` takes in this file and checks it under every interleaving.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, OnceLock};

/// The values that have been computed so far.
pub struct Memo<K, V> {
    cells: Mutex<HashMap<K, Arc<OnceLock<V>>>>,
}

impl<K: Eq + Hash, V: Clone> Memo<K, V> {
    /// Creates an empty memo.
    pub fn new() -> Self {
        Memo { cells: Mutex::new(HashMap::new()) }
    }

    /// Returns the value for `key`, and computes it if no thread has done so yet.
    ///
    /// A thread that asks for a key while another computes its value waits. Threads that ask for other keys don't.
    pub fn get(&self, key: K, compute: impl FnOnce() -> V) -> V {
        // Releases the map before it computes: `compute` may take long, and may ask for another key.
        let cell = Arc::clone(self.cells.lock().unwrap().entry(key).or_default());
        cell.get_or_init(compute).clone()
    }
}

impl<K: Eq + Hash, V: Clone> Default for Memo<K, V> {
    fn default() -> Self {
        Self::new()
    }
}
