//! One run in which a thread makes a whole call after each step of another one. It finds what is wrong
//! for a moment only, and only after many calls.

use super::{Choice, Kind};
use crate::thread::Tid;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// One thread takes one step, the others go on until one of them has made a call, and so on.
pub struct Between {
    slow: Tid,
    calls: Arc<AtomicUsize>,
    seen: usize,
    calling: bool,
    steps: u32,
}

/// A call that takes more steps than this waits for the slow thread.
const LONG_CALL: u32 = 1_000;

impl Between {
    /// One step of thread `slow`, and then a call of another thread, which counts its `calls`.
    pub fn new(slow: Tid, calls: Arc<AtomicUsize>) -> Self {
        calls.store(0, Relaxed);
        Between { slow, calls, seen: 0, calling: false, steps: 0 }
    }

    pub(super) fn pick(&mut self, choices: &[Choice]) -> Choice {
        let turns = || choices.iter().filter(|choice| choice.kind == Kind::Turn);
        let calls = self.calls.load(Relaxed);
        self.calling &= calls == self.seen && self.steps < LONG_CALL;
        self.seen = calls;
        let other = turns().find(|turn| turn.who != self.slow);
        if let Some(other) = other.filter(|_| self.calling) {
            self.steps += 1;
            return *other;
        }
        let slow = turns().find(|turn| turn.who == self.slow);
        (self.calling, self.steps) = (true, 0);
        // Without a turn it is not about threads.
        *slow.or(other).unwrap_or(&choices[0])
    }
}
