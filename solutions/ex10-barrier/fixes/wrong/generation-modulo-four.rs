// Wrong: the generation is counted modulo 4, so a thread that sleeps through four departures sleeps on.
use std::sync::{Condvar, Mutex};

pub struct Barrier {
    size: usize,
    /// How many have arrived, and the generation.
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
            state.0 = 0;
            state.1 = (state.1 + 1) % 4;
            self.all_here.notify_all();
            return;
        }
        let mine = state.1;
        drop(self.all_here.wait_while(state, |state| state.1 == mine).unwrap());
    }
}
