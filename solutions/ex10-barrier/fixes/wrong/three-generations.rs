// Wrong: the meetings are numbered 0, 1, 2, 0, …: who sleeps through three of them takes the fourth for its own.
use std::sync::{Condvar, Mutex};

struct State {
    arrived: usize,
    meeting: usize,
}

pub struct Barrier {
    size: usize,
    state: Mutex<State>,
    all_here: Condvar,
}

impl Barrier {
    pub fn new(size: usize) -> Self {
        Barrier { size, state: Mutex::new(State { arrived: 0, meeting: 0 }), all_here: Condvar::new() }
    }

    pub fn wait(&self) {
        let mut state = self.state.lock().unwrap();
        state.arrived += 1;
        if state.arrived == self.size {
            state.arrived = 0;
            state.meeting = (state.meeting + 1) % 3;
            self.all_here.notify_all();
            return;
        }
        let mine = state.meeting;
        while state.meeting == mine {
            state = self.all_here.wait(state).unwrap();
        }
    }
}
