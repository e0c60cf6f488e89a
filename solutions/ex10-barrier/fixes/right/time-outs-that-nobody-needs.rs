// Right: the time-outs are never needed, since the last to arrive wakes everybody.
use std::sync::{Condvar, Mutex};
use std::time::Duration;

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
        state.0 += 1;
        if state.0 == self.size {
            *state = (0, state.1 + 1);
            self.all_here.notify_all();
            return;
        }
        let mine = state.1;
        while state.1 == mine {
            state = self.all_here.wait_timeout(state, Duration::from_millis(1)).unwrap().0;
        }
    }
}
