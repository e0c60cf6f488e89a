// Wrong: a channel with room for one message forgets the second release.
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

pub struct Semaphore {
    give: SyncSender<()>,
    take: Mutex<Receiver<()>>,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        let (give, take) = sync_channel(permits.max(1));
        (0..permits).for_each(|_| give.send(()).unwrap());
        Semaphore { give, take: Mutex::new(take) }
    }

    pub fn acquire(&self) {
        self.take.lock().unwrap().recv().unwrap();
    }

    pub fn release(&self) {
        let _ = self.give.try_send(());
    }
}
