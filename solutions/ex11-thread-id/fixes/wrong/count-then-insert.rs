// Wrong: the size of the map is read under one lock and used under the next, so two threads get the same number.
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};
use std::thread::{ThreadId, current};

static IDS: LazyLock<Mutex<HashMap<ThreadId, usize>>> = LazyLock::new(Mutex::default);

pub fn my_id() -> usize {
    let me = current().id();
    let known = IDS.lock().unwrap().get(&me).copied();
    known.unwrap_or_else(|| {
        let next = IDS.lock().unwrap().len();
        IDS.lock().unwrap().insert(me, next);
        next
    })
}
