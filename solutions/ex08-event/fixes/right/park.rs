// Right: a list of parked threads, which set wakes.
use std::sync::Mutex;
use std::thread::{Thread, current, park};

pub struct Event {
    /// `None` once the event is set.
    waiting: Mutex<Option<Vec<Thread>>>,
}

impl Event {
    pub fn new() -> Self {
        Event { waiting: Mutex::new(Some(vec![])) }
    }

    pub fn set(&self) {
        for thread in self.waiting.lock().unwrap().take().into_iter().flatten() {
            thread.unpark();
        }
    }

    pub fn wait(&self) {
        match &mut *self.waiting.lock().unwrap() {
            Some(waiting) => waiting.push(current()),
            None => return,
        }
        while self.waiting.lock().unwrap().is_some() {
            park();
        }
    }
}
