// Right: a mark says that somebody computes; all who wait for it are woken and look again.
use std::collections::HashMap;
use std::sync::{Condvar, Mutex};

enum Entry {
    Computing,
    Ready(u32),
}

pub struct Cache {
    entries: Mutex<HashMap<u32, Entry>>,
    ready: Condvar,
}

impl Cache {
    pub fn new() -> Self {
        Cache { entries: Mutex::new(HashMap::new()), ready: Condvar::new() }
    }

    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        let mut entries = self.entries.lock().unwrap();
        loop {
            match entries.get(&key) {
                Some(Entry::Ready(value)) => return *value,
                Some(Entry::Computing) => entries = self.ready.wait(entries).unwrap(),
                None => break,
            }
        }
        entries.insert(key, Entry::Computing);
        drop(entries);
        let value = compute();
        self.entries.lock().unwrap().insert(key, Entry::Ready(value));
        self.ready.notify_all();
        value
    }
}
