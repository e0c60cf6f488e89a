// Wrong: as many notifications as there are others, but a thread of the next group may take one of them.
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
        let mine = {
            let mut state = self.state.lock().unwrap();
            state.0 += 1;
            if state.0 < self.size {
                state.1
            } else {
                *state = (0, state.1 + 1);
                drop(state);
                (1..self.size).for_each(|_| self.all_here.notify_one());
                return;
            }
        };
        let mut state = self.state.lock().unwrap();
        while state.1 == mine {
            state = self.all_here.wait(state).unwrap();
        }
    }
}
