// Wrong: "wakes every waiting thread"; only 32 waiting threads are remembered: the 33rd takes the
// place of the first, which is never woken.
use std::sync::Mutex;
use std::thread::{self, Thread};

const LANES: usize = 32;

struct State {
    is_set: bool,
    next: usize,
    lanes: [Option<Thread>; LANES],
}

pub struct Event {
    state: Mutex<State>,
}

impl Event {
    pub fn new() -> Self {
        let lanes = [const { None }; LANES];
        Event { state: Mutex::new(State { is_set: false, next: 0, lanes }) }
    }

    pub fn set(&self) {
        let mut state = self.state.lock().unwrap();
        state.is_set = true;
        state.lanes.iter_mut().filter_map(Option::take).for_each(|thread| thread.unpark());
    }

    fn is_set(&self) -> bool {
        self.state.lock().unwrap().is_set
    }

    pub fn wait(&self) {
        let mut state = self.state.lock().unwrap();
        if state.is_set {
            return;
        }
        let lane = state.next % LANES;
        state.next += 1;
        state.lanes[lane] = Some(thread::current());
        drop(state);
        while !self.is_set() {
            thread::park();
        }
    }
}
