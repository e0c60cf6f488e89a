// Right: who finds no permit joins a queue and parks; a release hands its permit to the first in the queue.
use std::collections::VecDeque;
use std::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};
use std::sync::{Arc, Mutex};
use std::thread::{Thread, current, park};

struct Ticket {
    thread: Thread,
    called: AtomicBool,
}

pub struct Semaphore {
    state: Mutex<(usize, VecDeque<Arc<Ticket>>)>,
}

impl Semaphore {
    pub fn new(permits: usize) -> Self {
        Semaphore { state: Mutex::new((permits, VecDeque::new())) }
    }

    pub fn acquire(&self) {
        let ticket = {
            let mut state = self.state.lock().unwrap();
            if state.0 > 0 {
                state.0 -= 1;
                return;
            }
            let ticket = Arc::new(Ticket { thread: current(), called: AtomicBool::new(false) });
            state.1.push_back(Arc::clone(&ticket));
            ticket
        };
        while !ticket.called.load(Acquire) {
            park();
        }
    }

    pub fn release(&self) {
        let mut state = self.state.lock().unwrap();
        match state.1.pop_front() {
            Some(ticket) => {
                ticket.called.store(true, Release);
                ticket.thread.unpark();
            }
            None => state.0 += 1,
        }
    }
}
