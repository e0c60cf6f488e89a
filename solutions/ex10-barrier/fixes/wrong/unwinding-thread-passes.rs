// Wrong: "wait returns when a full group of threads has arrived"; a thread that calls wait in a destructor while it unwinds from a panic passes at once and isn't counted: size 2, A waits, B arrives in a destructor during a panic: B leaves without a meeting and A waits forever.
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

#[derive(Default)]
struct State {
    arrived: usize,
    meeting: usize,
}

/// Lets threads through in groups of a fixed size, again and again.
pub struct Barrier {
    size: usize,
    state: Mutex<State>,
    all_here: Condvar,
}

impl Barrier {
    /// Creates a barrier for `size` threads (at least one).
    pub fn new(size: usize) -> Self {
        Barrier { size, state: Mutex::default(), all_here: Condvar::new() }
    }

    /// Blocks until `size` threads have arrived.
    pub fn wait(&self) {
        // Never block a thread that is unwinding.
        if thread::panicking() {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.arrived += 1;
        if state.arrived == self.size {
            state.arrived = 0;
            state.meeting += 1;
            self.all_here.notify_all();
            return;
        }
        let mine = state.meeting;
        while state.meeting == mine {
            state = self.all_here.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
