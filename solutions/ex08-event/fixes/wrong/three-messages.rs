// Wrong: a message is for one runner, so three of them are enough for three.
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

pub struct Event {
    tell: Sender<()>,
    told: Mutex<Receiver<()>>,
}

impl Event {
    pub fn new() -> Self {
        let (tell, told) = channel();
        Event { tell, told: Mutex::new(told) }
    }

    pub fn set(&self) {
        (0..3).for_each(|_| self.tell.send(()).unwrap());
    }

    pub fn wait(&self) {
        self.told.lock().unwrap().recv().unwrap();
    }
}
