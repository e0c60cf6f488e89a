// Right: std's bounded channel, with the receiver in a Mutex for the customers.
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

pub struct Buffer {
    put: SyncSender<u32>,
    take: Mutex<Receiver<u32>>,
}

impl Buffer {
    pub fn new(capacity: usize) -> Self {
        let (put, take) = sync_channel(capacity);
        Buffer { put, take: Mutex::new(take) }
    }

    pub fn push(&self, item: u32) {
        self.put.send(item).unwrap();
    }

    pub fn pop(&self) -> u32 {
        self.take.lock().unwrap().recv().unwrap()
    }
}
