// Right: a channel on which nothing is ever sent; dropping the sender ends every recv, now and later.
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

pub struct Event {
    not_yet: Mutex<Option<Sender<()>>>,
    hung_up: Mutex<Receiver<()>>,
}

impl Event {
    pub fn new() -> Self {
        let (not_yet, hung_up) = channel();
        Event { not_yet: Mutex::new(Some(not_yet)), hung_up: Mutex::new(hung_up) }
    }

    pub fn set(&self) {
        *self.not_yet.lock().unwrap() = None;
    }

    pub fn wait(&self) {
        let _ = self.hung_up.lock().unwrap().recv();
    }
}
