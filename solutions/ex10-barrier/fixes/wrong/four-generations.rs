// Wrong: the number of the meeting is kept modulo 4: a slow hiker finds its own number again four meetings later.
use std::sync::{Condvar, Mutex};

pub struct Barrier {
    size: usize,
    state: Mutex<(usize, u8)>,
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
            *state = (0, (state.1 + 1) % 4);
            self.all_here.notify_all();
            return;
        }
        let mine = state.1;
        while state.1 == mine {
            state = self.all_here.wait(state).unwrap();
        }
    }
}
