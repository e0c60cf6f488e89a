// Wrong: the map of numbers is cleared when it has 1000 entries, so a thread that lives on gets a new number.
use std::collections::HashMap;
use std::sync::Mutex;
use std::thread::{self, ThreadId};

struct Ids {
    last: usize,
    known: Option<HashMap<ThreadId, usize>>,
}

static IDS: Mutex<Ids> = Mutex::new(Ids { last: 0, known: None });

pub fn my_id() -> usize {
    let me = thread::current().id();
    let mut ids = IDS.lock().unwrap();
    let Ids { last, known } = &mut *ids;
    let known = known.get_or_insert_default();
    if let Some(id) = known.get(&me) {
        return *id;
    }
    if known.len() == 1000 {
        known.clear(); // those threads are gone by now
    }
    *last += 1;
    known.insert(me, *last);
    *last
}
