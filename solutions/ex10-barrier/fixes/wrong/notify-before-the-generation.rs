// Wrong: all are woken before the generation changes, look, and go back to sleep for good.
use std::sync::{Condvar, Mutex};

pub struct Barrier {
    size: usize,
    state: Mutex<(usize, usize)>,
    all_here: Condvar,
}

impl Barrier {
    pub fn new(size: usize) -> Self {
        Barrier { size, state: Mutex::new((0, 0)), all_here: Condvar::new() }
    }

    pub fn wait(&self) {
        let mut state = self.state.lock().unwrap();
        let mine = state.1;
        state.0 += 1;
        if state.0 == self.size {
            drop(state);
            self.all_here.notify_all();
            *self.state.lock().unwrap() = (0, mine + 1);
            return;
        }
        while state.1 == mine {
            state = self.all_here.wait(state).unwrap();
        }
    }
}
