//! One run in which one thread takes one step, each of the others takes some, and so on around. It finds what a loop does that
//! is overtaken again and again, which the other searches come to much too late.

use super::{Choice, Kind};
use crate::thread::Tid;

/// One thread takes one step, each of the others some, and so on around; a thread that can't go on is left out.
pub struct InTurns {
    slow: Tid,
    others: u32,
    current: Tid,
    left: u32,
}

impl InTurns {
    /// One step of thread `slow`, then `others` steps of each other thread.
    pub fn new(slow: Tid, others: u32) -> Self {
        InTurns { slow, others, current: 0, left: 0 }
    }

    pub(super) fn pick(&mut self, choices: &[Choice]) -> Choice {
        let turns = || choices.iter().filter(|choice| choice.kind == Kind::Turn);
        if self.left > 0
            && let Some(again) = turns().find(|turn| turn.who == self.current)
        {
            self.left -= 1;
            return *again;
        }
        let after = turns().filter(|turn| turn.who > self.current).min_by_key(|turn| turn.who);
        // Without a turn it is not about threads.
        let Some(next) = after.or_else(|| turns().min_by_key(|turn| turn.who)) else { return choices[0] };
        self.current = next.who;
        self.left = if next.who == self.slow { 0 } else { self.others - 1 };
        *next
    }
}
