// Wrong: a channel hands the message to one runner, and then it is gone.
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

pub struct Event {
    shot: Sender<()>,
    heard: Mutex<Receiver<()>>,
}

impl Event {
    pub fn new() -> Self {
        let (shot, heard) = channel();
        Event { shot, heard: Mutex::new(heard) }
    }

    pub fn set(&self) {
        self.shot.send(()).unwrap();
    }

    pub fn wait(&self) {
        self.heard.lock().unwrap().recv().unwrap();
    }
}
