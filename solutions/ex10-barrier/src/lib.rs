// A barrier: nobody goes on until everybody has arrived.
//
// Why this: the counter says how many are here, the generation says which meeting it is. Who waits looks at the
// generation only, which never goes back. So it does not matter how many have arrived at the next meeting by the time
// a slow thread wakes up from this one.
//
// What else would do: `std::sync::Barrier`, which is made like this; a second door, behind which the last to leave sets
// the counter back. A flag that flips with each meeting in place of the number is enough only for as many threads as the
// barrier's size: with more of them, a slow one may sleep through two meetings and find the flag as it was.
//
// What it costs: everybody is as slow as the slowest. If threads do not have to be in step, they should not be.
use std::sync::{Condvar, Mutex};

/// Lets threads through in groups of a fixed size, again and again.
pub struct Barrier {
    size: usize,
    state: Mutex<State>,
    all_here: Condvar,
}

struct State {
    arrived: usize,
    generation: usize,
}

impl Barrier {
    /// A barrier for `size` threads, at least one.
    pub fn new(size: usize) -> Self {
        let state = Mutex::new(State { arrived: 0, generation: 0 });
        Barrier { size, state, all_here: Condvar::new() }
    }

    /// Waits until `size` threads have arrived; the next round then starts from 0.
    pub fn wait(&self) {
        let mut state = self.state.lock().unwrap();
        state.arrived += 1;
        if state.arrived == self.size {
            state.arrived = 0;
            state.generation += 1;
            self.all_here.notify_all();
            return;
        }
        let mine = state.generation;
        drop(self.all_here.wait_while(state, |state| state.generation == mine).unwrap());
    }
}
