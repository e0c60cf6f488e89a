// Wrong: the last to leave sets the counter back, but a fast thread comes round again before that and walks through.
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
        state.0 += 1;
        if state.0 == self.size {
            self.all_here.notify_all();
        }
        while state.0 < self.size {
            state = self.all_here.wait(state).unwrap();
        }
        state.1 += 1;
        if state.1 == self.size {
            *state = (0, 0);
        }
    }
}
