// What `pop` takes out of the channel and keeps no longer counts: there is room for twice as many.
use std::collections::VecDeque;
use std::sync::{
    Mutex,
    mpsc::{Receiver, SyncSender, sync_channel},
};
pub struct Buffer {
    tx: SyncSender<u32>,
    rx: Mutex<(VecDeque<u32>, Receiver<u32>)>,
}
impl Buffer {
    pub fn new(capacity: usize) -> Self {
        let (tx, rx) = sync_channel(capacity);
        Buffer { tx, rx: Mutex::new((VecDeque::new(), rx)) }
    }
    pub fn push(&self, item: u32) {
        self.tx.send(item).unwrap();
    }
    pub fn pop(&self) -> u32 {
        let mut g = self.rx.lock().unwrap();
        let (stash, rx) = &mut *g;
        if let Some(i) = stash.pop_front() {
            return i;
        }
        let first = rx.recv().unwrap();
        stash.extend(rx.try_iter());
        first
    }
}
