// Wrong: a flag lets in one at a time, however many permits there are.
use std::sync::{Condvar, Mutex};

pub struct Semaphore {
    state: Mutex<(usize, bool)>,
    released: Condvar,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Semaphore { state: Mutex::new((permits, false)), released: Condvar::new() }
    }

    pub fn acquire(&self) {
        let state = self.state.lock().unwrap();
        let blocked = |(permits, taken): &mut (usize, bool)| *permits == 0 || *taken;
        let mut state = self.released.wait_while(state, blocked).unwrap();
        state.0 -= 1;
        state.1 = true;
    }

    pub fn release(&self) {
        let mut state = self.state.lock().unwrap();
        state.0 += 1;
        state.1 = false;
        self.released.notify_all();
    }
}
