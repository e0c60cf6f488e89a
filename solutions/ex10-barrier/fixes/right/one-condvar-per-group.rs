// Right: each group has a flag and a condition variable of its own; the last to arrive opens a new group.
use std::sync::{Arc, Condvar, Mutex};

#[derive(Default)]
struct Group {
    is_complete: Mutex<bool>,
    changed: Condvar,
}

pub struct Barrier {
    size: usize,
    now: Mutex<(usize, Arc<Group>)>,
}

impl Barrier {
    pub fn new(size: usize) -> Self {
        Barrier { size, now: Mutex::default() }
    }

    pub fn wait(&self) {
        let mut now = self.now.lock().unwrap();
        let group = Arc::clone(&now.1);
        now.0 += 1;
        if now.0 == self.size {
            *now = (0, Arc::default());
            *group.is_complete.lock().unwrap() = true;
            group.changed.notify_all();
            return;
        }
        drop(now);
        let is_complete = group.is_complete.lock().unwrap();
        drop(group.changed.wait_while(is_complete, |is_complete| !*is_complete).unwrap());
    }
}
