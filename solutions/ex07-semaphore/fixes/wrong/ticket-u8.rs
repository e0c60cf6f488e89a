// Wrong: the tickets are u8 and wrap around, so after 255 permits a thread waits although there is a permit.
use std::sync::{Condvar, Mutex};

struct State {
    next_ticket: u8,
    granted: u8,
}

pub struct Semaphore {
    state: Mutex<State>,
    released: Condvar,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Semaphore {
            state: Mutex::new(State { next_ticket: 0, granted: permits as u8 }),
            released: Condvar::new(),
        }
    }

    pub fn acquire(&self) {
        let mut state = self.state.lock().unwrap();
        let ticket = state.next_ticket;
        state.next_ticket = state.next_ticket.wrapping_add(1);
        while ticket >= state.granted {
            state = self.released.wait(state).unwrap();
        }
    }

    pub fn release(&self) {
        let mut state = self.state.lock().unwrap();
        state.granted = state.granted.wrapping_add(1);
        self.released.notify_all();
    }
}
