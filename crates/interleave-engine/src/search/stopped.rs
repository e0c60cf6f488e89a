//! One run in which a thread is stopped once, and goes on only when no other thread can. It finds what a thread does that doesn't
//! notice how much has happened meanwhile.

use super::{Choice, Kind};
use crate::world::Tid;

/// One thread takes some steps, then all the others go on as long as they can, and then the one goes on.
pub struct Stopped {
    who: Tid,
    left: u32,
    current: Tid,
    /// The thread was stopped: it took more steps than those before.
    pub stops: bool,
}

impl Stopped {
    /// Thread `who` is stopped when it has taken this many steps.
    pub fn new(who: Tid, after: u32) -> Self {
        Stopped { who, left: after, current: 0, stops: false }
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
        let choice = *other.or(waits).unwrap_or(&choices[0]);
        self.current = choice.who;
        choice
    }
}
