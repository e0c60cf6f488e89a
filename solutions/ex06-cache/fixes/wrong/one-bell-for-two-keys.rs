// Wrong: one waiting thread is woken for each value; if it waits for another key, it waits again and passes nothing on.
use std::collections::HashMap;
use std::sync::{Condvar, Mutex};

pub struct Cache {
    /// `None` while a thread computes; and how many wait for each key.
    values: Mutex<HashMap<u32, (Option<u32>, usize)>>,
    ready: Condvar,
}

impl Cache {
    pub fn new() -> Self {
        Cache { values: Mutex::new(HashMap::new()), ready: Condvar::new() }
    }

    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        let mut values = self.values.lock().unwrap();
        if let Some((_, waiting)) = values.get_mut(&key) {
            *waiting += 1;
            values = self.ready.wait_while(values, |values| values[&key].0.is_none()).unwrap();
            return values[&key].0.expect("it is there");
        }
        values.insert(key, (None, 0));
        drop(values);
        let value = compute();
        let mut values = self.values.lock().unwrap();
        let entry = values.get_mut(&key).expect("it was put there");
        entry.0 = Some(value);
        for _ in 0..entry.1 {
            self.ready.notify_one();
        }
        value
    }
}
