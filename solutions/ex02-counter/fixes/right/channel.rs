// Right: every visitor is a message, and whoever asks counts what has arrived.
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

pub struct Counter {
    door: Sender<()>,
    counted: Mutex<(Receiver<()>, usize)>,
}

impl Counter {
    pub fn new() -> Self {
        let (door, visitors) = channel();
        Counter { door, counted: Mutex::new((visitors, 0)) }
    }

    pub fn add(&self) {
        self.door.send(()).unwrap();
    }

    pub fn get(&self) -> usize {
        let mut counted = self.counted.lock().unwrap();
        counted.1 += counted.0.try_iter().count();
        counted.1
    }
}
