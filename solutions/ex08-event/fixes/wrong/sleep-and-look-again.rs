// Wrong: it does not wait to be woken but looks every 10 milliseconds, and is late every time.
use std::sync::Mutex;
use std::thread::sleep;
use std::time::Duration;

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
            sleep(Duration::from_millis(10));
        }
    }
}
