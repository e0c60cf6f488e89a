// Wrong: it looks under the lock and gives way, again and again, for as long as it takes.
use std::sync::Mutex;
use std::thread::yield_now;

pub struct Event {
    is_set: Mutex<bool>,
}

impl Event {
    pub fn new() -> Self {
        Event { is_set: Mutex::new(false) }
    }

    pub fn set(&self) {
        *self.is_set.lock().unwrap() = true;
    }

    pub fn wait(&self) {
        while !*self.is_set.lock().unwrap() {
            yield_now();
        }
    }
}
