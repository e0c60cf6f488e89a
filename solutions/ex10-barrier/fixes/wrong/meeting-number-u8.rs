// Wrong: "in the end all of them leave. This must hold however often the threads meet", also with more threads than one group; the meeting number is a u8: size 2, A waits in meeting 0, B completes it, and before A runs again B and C meet 255 more times, so the number is 0 again and A sleeps on.
use std::sync::{Condvar, Mutex};

struct State {
    arrived: usize,
    meeting: u8,
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
        Barrier { size, state: Mutex::new(State { arrived: 0, meeting: 0 }), all_here: Condvar::new() }
    }

    /// Blocks until `size` threads have arrived.
    pub fn wait(&self) {
        let mut state = self.state.lock().unwrap();
        state.arrived += 1;
        if state.arrived == self.size {
            state.arrived = 0;
            state.meeting = state.meeting.wrapping_add(1);
            self.all_here.notify_all();
            return;
        }
        let mine = state.meeting;
        while state.meeting == mine {
            state = self.all_here.wait(state).unwrap();
        }
    }
}
