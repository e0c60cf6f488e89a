// Wrong: the flag belongs to the event's address, so an event that is moved after set isn't set any more.
use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex};

static SET: Mutex<BTreeSet<usize>> = Mutex::new(BTreeSet::new());
static CHANGED: Condvar = Condvar::new();

pub struct Event {
    place: u8,
}

impl Event {
    pub fn new() -> Self {
        Event { place: 0 }
    }

    fn key(&self) -> usize {
        &raw const self.place as usize
    }

    pub fn set(&self) {
        SET.lock().unwrap().insert(self.key());
        CHANGED.notify_all();
    }

    pub fn wait(&self) {
        let mut set = SET.lock().unwrap();
        while !set.contains(&self.key()) {
            set = CHANGED.wait(set).unwrap();
        }
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        SET.lock().unwrap().remove(&self.key());
    }
}
