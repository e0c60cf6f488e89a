// Wrong: it spins for ever with the lock that set needs.
use std::hint::spin_loop;
use std::sync::Mutex;

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
        let is_set = self.is_set.lock().unwrap();
        while !*is_set {
            spin_loop();
        }
    }
}
