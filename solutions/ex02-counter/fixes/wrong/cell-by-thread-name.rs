// Wrong: "However the doors' steps interleave … `add` counts every visitor"; each named thread has a cell under its name and changes it with load and store: two doors with the same name (names needn't be unique) lose visitors; unnamed ones don't.
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// Counts visitors.
pub struct Counter {
    named: Mutex<BTreeMap<String, Arc<AtomicUsize>>>,
    unnamed: AtomicUsize,
}

impl Counter {
    /// Creates a counter that says 0.
    pub fn new() -> Self {
        Counter { named: Mutex::new(BTreeMap::new()), unnamed: AtomicUsize::new(0) }
    }

    /// Counts one more visitor.
    pub fn add(&self) {
        let door = thread::current();
        let Some(name) = door.name() else {
            self.unnamed.fetch_add(1, Ordering::SeqCst);
            return;
        };
        let cell = Arc::clone(self.named.lock().unwrap().entry(name.to_string()).or_default());
        // Nobody else counts at this door.
        cell.store(cell.load(Ordering::SeqCst) + 1, Ordering::SeqCst);
    }

    /// Returns the number of visitors.
    pub fn get(&self) -> usize {
        let named = self.named.lock().unwrap();
        let sum: usize = named.values().map(|cell| cell.load(Ordering::SeqCst)).sum();
        sum + self.unnamed.load(Ordering::SeqCst)
    }
}
