//! A pool of connections with a gap between "none is free" and "I am in the queue".

use super::Bug;
use std::collections::VecDeque;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

struct State {
    idle: Vec<u32>,
    waiting: VecDeque<Sender<u32>>,
}

struct Pool {
    state: Mutex<State>,
}

impl Pool {
    /// Hands the connection to the thread that waits longest, or keeps it.
    fn put(&self, connection: u32) {
        let mut state = self.state.lock().unwrap();
        match state.waiting.pop_front() {
            Some(next) => next.send(connection).unwrap(),
            None => state.idle.push(connection),
        }
    }
}

mod wrong {
    use super::{Pool, channel};

    pub fn get(pool: &Pool) -> u32 {
        let idle = pool.state.lock().unwrap().idle.pop();
        if let Some(connection) = idle {
            return connection;
        }
        let (sender, receiver) = channel();
        pool.state.lock().unwrap().waiting.push_back(sender);
        receiver.recv().unwrap()
    }
}

mod right {
    use super::{Pool, channel};

    pub fn get(pool: &Pool) -> u32 {
        let mut state = pool.state.lock().unwrap();
        if let Some(connection) = state.idle.pop() {
            return connection;
        }
        let (sender, receiver) = channel();
        state.waiting.push_back(sender);
        drop(state);
        receiver.recv().unwrap()
    }
}

fn scenario(get: fn(&Pool) -> u32) {
    let state = State { idle: vec![1], waiting: VecDeque::new() };
    let pool = Arc::new(Pool { state: Mutex::new(state) });
    let client = thread::spawn({
        let pool = pool.clone();
        move || pool.put(get(&pool))
    });
    pool.put(get(&pool));
    client.join().unwrap();
}

pub const BUG: Bug = Bug {
    id: "bb8-122",
    title: "waiting, although a connection is idle",
    year: 2024,
    link: "https://github.com/djc/bb8/issues/122",
    was: "bb8 keeps connections to a database. In 2022 a benchmark of such pools stopped with \
          it. A user whose service stalled now and then pointed at a gap in the code: a \
          connection that came back at the wrong moment went to the idle ones, and the request \
          waited until its timeout. The queue of waiting requests was replaced in 2024 \
          (djc/bb8#186). The report itself is still listed as open.",
    question: "Both steps of `get` lock. What if the other client returns the only connection \
               between them?",
    answer: "Then no client is in the queue yet, so the connection becomes idle. Now this client \
             enters the queue, and waits for the next `put`. There is none.",
    lesson: "\"Is there one?\" and \"then I wait\" belong under one lock. It is the bank's bug \
             again, with waiting in place of paying.",
    source: include_str!("bb8_122.rs"),
    wrong: || scenario(wrong::get),
    right: || scenario(right::get),
};
