// Wrong: "sets it for good"; set sends 64 messages, and each wait takes one: the 65th call of wait
// after the set waits forever.
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender};

const RUNNERS: usize = 64;

pub struct Event {
    fire: Sender<()>,
    shots: Mutex<Receiver<()>>,
}

impl Event {
    pub fn new() -> Self {
        let (fire, shots) = mpsc::channel();
        Event { fire, shots: Mutex::new(shots) }
    }

    pub fn set(&self) {
        for _ in 0..RUNNERS {
            self.fire.send(()).unwrap();
        }
    }

    pub fn wait(&self) {
        self.shots.lock().unwrap().recv().unwrap();
    }
}
