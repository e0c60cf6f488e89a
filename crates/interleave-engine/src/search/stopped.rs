//! One run in which a thread is stopped once, and goes on only when no other thread can, even if time passes. It finds what a
//! thread does that doesn't notice how much has happened meanwhile, and what the others do that don't wait for it long enough.

use super::{Choice, Kind};
use crate::thread::Tid;

/// How often a thread goes on because time has passed, while the stopped one could go on. A loop that
/// gives up sooner is found.
const MOST_TIMEOUTS: u32 = 300;

/// One thread takes some steps, then all the others go on as long as they can, and then the one goes on.
pub struct Stopped {
    who: Tid,
    left: u32,
    current: Tid,
    timeouts: u32,
    /// The thread was stopped: it took more steps than those before.
    pub stops: bool,
}

impl Stopped {
    /// Thread `who` is stopped when it has taken this many steps.
    pub fn new(who: Tid, after: u32) -> Self {
        Stopped { who, left: after, current: 0, timeouts: 0, stops: false }
    }

    pub(super) fn pick(&mut self, choices: &[Choice]) -> Choice {
        let turn_of = |who| choices.iter().find(move |c| c.kind == Kind::Turn && c.who == who);
        let waits = turn_of(self.who);
        if let Some(turn) = waits.filter(|_| self.left > 0) {
            self.left -= 1;
            self.current = self.who;
            return *turn;
        }
        let others = choices.iter().filter(|c| c.kind == Kind::Turn && c.who != self.who);
        let other = others.min_by_key(|c| (c.who != self.current, c.who));
        self.stops |= waits.is_some() && other.is_some();
        let timeout = choices.iter().find(|c| c.kind == Kind::Fault && c.who != self.who);
        let timeout = timeout.filter(|_| other.is_none() && self.timeouts < MOST_TIMEOUTS);
        self.timeouts += u32::from(timeout.is_some());
        let choice = *other.or(timeout).or(waits).unwrap_or(&choices[0]);
        self.current = choice.who;
        choice
    }
}
