// Right: a list of those who wait; the last to arrive takes the whole list and wakes each one on it.
use std::sync::Mutex;
use std::sync::mpsc::{SyncSender, sync_channel};

pub struct Barrier {
    size: usize,
    waiting: Mutex<Vec<SyncSender<()>>>,
}

impl Barrier {
    pub fn new(size: usize) -> Self {
        Barrier { size, waiting: Mutex::new(vec![]) }
    }

    pub fn wait(&self) {
        let (wake_me, woken) = sync_channel(1);
        {
            let mut waiting = self.waiting.lock().unwrap();
            waiting.push(wake_me);
            if waiting.len() == self.size {
                waiting.drain(..).for_each(|one| one.send(()).unwrap());
            }
        }
        woken.recv().unwrap();
    }
}
