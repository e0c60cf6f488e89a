// Wrong: "returns the number of visitors"; the number is kept in a table under the counter's address: c.add(); let c = Box::new(c); c.get() returns 0, because the counter has moved.
use std::collections::BTreeMap;
use std::sync::Mutex;

static NUMBERS: Mutex<BTreeMap<usize, usize>> = Mutex::new(BTreeMap::new());

/// Counts visitors.
pub struct Counter {
    // Not zero-sized, so that each counter has an address of its own.
    _space: u8,
}

impl Counter {
    /// Creates a counter that says 0.
    pub fn new() -> Self {
        Counter { _space: 0 }
    }

    fn key(&self) -> usize {
        self as *const Counter as usize
    }

    /// Counts one more visitor.
    pub fn add(&self) {
        *NUMBERS.lock().unwrap().entry(self.key()).or_insert(0) += 1;
    }

    /// Returns the number of visitors.
    pub fn get(&self) -> usize {
        NUMBERS.lock().unwrap().get(&self.key()).copied().unwrap_or(0)
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        NUMBERS.lock().unwrap().remove(&self.key());
    }
}
