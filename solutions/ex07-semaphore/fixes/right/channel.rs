// Right: a channel holds the permits.
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

pub struct Semaphore {
    give: Sender<()>,
    take: Mutex<Receiver<()>>,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        let (give, take) = channel();
        (0..permits).for_each(|_| give.send(()).unwrap());
        Semaphore { give, take: Mutex::new(take) }
    }

    pub fn acquire(&self) {
        self.take.lock().unwrap().recv().unwrap();
    }

    pub fn release(&self) {
        self.give.send(()).unwrap();
    }
}
