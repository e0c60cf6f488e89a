// Wrong: "Cache::new() creates an empty cache"; each thread keeps copies under the number of the
// cache, a u8 that wraps: the 257th cache of the program finds the values that this thread read
// from the first.
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};

static NEXT: AtomicU8 = AtomicU8::new(0);

thread_local! {
    static COPIES: RefCell<HashMap<(u8, u32), u32>> = RefCell::new(HashMap::new());
}

pub struct Cache {
    id: u8,
    values: Mutex<HashMap<u32, u32>>,
}

impl Cache {
    pub fn new() -> Self {
        Cache { id: NEXT.fetch_add(1, Ordering::Relaxed), values: Mutex::default() }
    }

    pub fn get(&self, key: u32, compute: impl FnOnce() -> u32) -> u32 {
        let copy = COPIES.with_borrow(|copies| copies.get(&(self.id, key)).copied());
        if let Some(value) = copy {
            return value;
        }
        let value = *self.values.lock().unwrap().entry(key).or_insert_with(compute);
        COPIES.with_borrow_mut(|copies| copies.insert((self.id, key), value));
        value
    }
}
