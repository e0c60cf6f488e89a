// Wrong: a flag that flips tells two meetings apart, but who sleeps through two of them finds it as it was.
use std::sync::{Condvar, Mutex};

struct State {
    arrived: usize,
    sense: bool,
}

pub struct Barrier {
    size: usize,
    state: Mutex<State>,
    all_here: Condvar,
}

impl Barrier {
    pub fn new(size: usize) -> Self {
        Barrier { size, state: Mutex::new(State { arrived: 0, sense: false }), all_here: Condvar::new() }
    }

    pub fn wait(&self) {
        let mut state = self.state.lock().unwrap();
        state.arrived += 1;
        if state.arrived == self.size {
            state.arrived = 0;
            state.sense = !state.sense;
            self.all_here.notify_all();
            return;
        }
        let mine = state.sense;
        while state.sense == mine {
            state = self.all_here.wait(state).unwrap();
        }
    }
}
