// Right: a list of keys, each with a Once that guards its atomic value.
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, Once};

struct Entry {
    key: u32,
    once: Once,
    value: AtomicU32,
}

pub struct Cache {
    entries: Mutex<Vec<Arc<Entry>>>,
}

impl Cache {
    pub fn new() -> Self {
        Cache { entries: Mutex::new(vec![]) }
    }

    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        let entry = {
            let mut entries = self.entries.lock().unwrap();
            let found = entries.iter().find(|entry| entry.key == key).cloned();
            found.unwrap_or_else(|| {
                entries.push(Arc::new(Entry { key, once: Once::new(), value: AtomicU32::new(0) }));
                Arc::clone(entries.last().unwrap())
            })
        };
        // Once orders the store before every return of call_once.
        entry.once.call_once(|| entry.value.store(compute(), Relaxed));
        entry.value.load(Relaxed)
    }
}
