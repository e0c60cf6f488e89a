// Right: a second wait in the same barrier: nobody comes in again before everybody has left.
use std::sync::{Condvar, Mutex};

struct State {
    inside: usize,
    leaving: bool,
}

pub struct Barrier {
    size: usize,
    state: Mutex<State>,
    changed: Condvar,
}

impl Barrier {
    pub fn new(size: usize) -> Self {
        Barrier { size, state: Mutex::new(State { inside: 0, leaving: false }), changed: Condvar::new() }
    }

    pub fn wait(&self) {
        let state = self.state.lock().unwrap();
        let mut state = self.changed.wait_while(state, |state| state.leaving).unwrap();
        state.inside += 1;
        if state.inside == self.size {
            state.leaving = true;
            self.changed.notify_all();
        }
        let mut state = self.changed.wait_while(state, |state| !state.leaving).unwrap();
        state.inside -= 1;
        if state.inside == 0 {
            state.leaving = false;
            self.changed.notify_all();
        }
    }
}
