// Wrong: "Barrier::new(usize): creates a barrier for groups of that many threads"; the arrivals are
// bits of a u64: with size 64 and more the shift overflows (panic in a debug build, 65 threads
// count as 1 in a release build).
use std::sync::{Condvar, Mutex};

struct State {
    present: u64,
    meeting: u64,
}

pub struct Barrier {
    everybody: u64,
    state: Mutex<State>,
    all_here: Condvar,
}

impl Barrier {
    pub fn new(size: usize) -> Self {
        let state = Mutex::new(State { present: 0, meeting: 0 });
        Barrier { everybody: (1 << size) - 1, state, all_here: Condvar::new() }
    }

    pub fn wait(&self) {
        let mut state = self.state.lock().unwrap();
        let mine = state.meeting;
        state.present |= state.present + 1;
        if state.present == self.everybody {
            state.present = 0;
            state.meeting += 1;
            self.all_here.notify_all();
        }
        while state.meeting == mine {
            state = self.all_here.wait(state).unwrap();
        }
    }
}
