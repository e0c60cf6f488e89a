// Wrong: "only the first call for a key runs compute"; a value that is older than an hour is
// computed again.
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

const MAX_AGE: Duration = Duration::from_secs(3600);

pub struct Cache {
    values: Mutex<HashMap<u32, (Instant, u32)>>,
}

impl Cache {
    pub fn new() -> Self {
        Cache { values: Mutex::new(HashMap::new()) }
    }

    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        let mut values = self.values.lock().unwrap();
        values.retain(|_, (born, _)| born.elapsed() < MAX_AGE);
        values.entry(key).or_insert_with(|| (Instant::now(), compute())).1
    }
}
