//! A value that is made once, and a thread that waits for success only.

use super::Bug;
use std::hint::spin_loop;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

const EMPTY: usize = 0;
const RUNNING: usize = 1;
const DONE: usize = 2;

#[derive(Default)]
struct Once {
    state: AtomicUsize,
    value: AtomicUsize,
}

impl Once {
    /// Returns whether this thread is the one that makes the value.
    fn begin(&self) -> bool {
        let state = &self.state;
        state.compare_exchange(EMPTY, RUNNING, SeqCst, SeqCst).is_ok()
    }

    /// Keeps the value, or lets another thread try.
    fn end(&self, made: Option<usize>) -> Option<usize> {
        self.value.store(made.unwrap_or(0), SeqCst);
        let state = if made.is_some() { DONE } else { EMPTY };
        self.state.store(state, SeqCst);
        made
    }

    /// Waits while another thread makes the value, and returns the state.
    fn wait(&self) -> usize {
        loop {
            let state = self.state.load(SeqCst);
            if state != RUNNING {
                return state;
            }
            spin_loop();
        }
    }
}

type Make = fn() -> Option<usize>;

mod wrong {
    use super::{DONE, Make, Once, SeqCst};

    pub fn get(once: &Once, make: Make) -> Option<usize> {
        if once.begin() {
            return once.end(make());
        }
        match once.wait() {
            DONE => Some(once.value.load(SeqCst)),
            _ => unreachable!("another thread has made the value"),
        }
    }
}

mod right {
    use super::{DONE, Make, Once, SeqCst};

    pub fn get(once: &Once, make: Make) -> Option<usize> {
        while !once.begin() {
            if once.wait() == DONE {
                return Some(once.value.load(SeqCst));
            }
        }
        once.end(make())
    }
}

fn scenario(get: fn(&Once, Make) -> Option<usize>) {
    let once = Arc::new(Once::default());
    let other = thread::spawn({
        let once = once.clone();
        move || get(&once, || None)
    });
    assert_eq!(get(&once, || Some(7)), Some(7));
    other.join().unwrap();
}

pub const BUG: Bug = Bug {
    id: "spin-148",
    title: "waiting for success only",
    year: 2023,
    link: "https://github.com/zesterer/spin-rs/issues/148",
    was: "The crate spin has a `Once` for programs without an operating system. It was given a \
          way to make a value that can fail. A thread that waited meanwhile expected that the \
          other one had succeeded or panicked. After a failure it reached code that was marked \
          as unreachable: a panic in a debug build, undefined behavior in a release. It became \
          the advisory RUSTSEC-2023-0031, and version 0.9.8 fixed it.",
    question: "One thread's attempt fails. What does the thread that waited for it find?",
    answer: "The state `EMPTY` again, as if no one had ever tried. The code has no answer for \
             that.",
    lesson: "When a state can go back, every thread that waits has to check what it finds, and \
             start over. \"Unreachable\" is a claim about all interleavings.",
    source: include_str!("spin_148.rs"),
    wrong: || scenario(wrong::get),
    right: || scenario(right::get),
};
