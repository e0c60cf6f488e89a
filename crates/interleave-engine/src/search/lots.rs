//! Runs by lot: every thread has a random priority, and a few times in a run the running thread gets the lowest of all
//! (PCT: Burckhardt, Kothari, Musuvathi and Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of Finding
//! Bugs", ASPLOS 2010).

use super::{Choice, Kind};
use crate::lottery::Lottery;
use crate::thread::Tid;

/// Draws lots, the same ones on every machine.
pub struct Lots {
    lottery: Lottery,
    /// By thread; the highest goes first.
    priorities: Vec<u64>,
    /// The steps at which the running thread gets the lowest priority.
    changes: Vec<usize>,
    step: usize,
    lowest: u64,
}

/// Of so many data choices and faults, one is not the usual one.
const RARE: usize = 8;

impl Lots {
    /// The run with this number: with up to three changes of priority in its first `steps` steps.
    pub fn new(number: usize, steps: usize) -> Self {
        let mut lottery = Lottery::new(number as u64);
        let changes = (0..number % 4).map(|_| lottery.below(steps.max(1))).collect();
        Lots { lottery, priorities: vec![], changes, step: 0, lowest: u64::MAX >> 1 }
    }

    fn priority(&mut self, who: Tid) -> u64 {
        while self.priorities.len() <= who {
            let random = self.lottery.next() | 1 << 63;
            self.priorities.push(random);
        }
        self.priorities[who]
    }

    pub(super) fn pick(&mut self, choices: &[Choice]) -> Choice {
        if matches!(choices[0].kind, Kind::Data(_)) {
            let is_usual = self.lottery.below(RARE) > 0;
            return choices[if is_usual { 0 } else { self.lottery.below(choices.len()) }];
        }
        self.step += 1;
        let faults = choices.iter().filter(|choice| choice.kind == Kind::Fault).count();
        if faults > 0 && self.lottery.below(2 * RARE) == 0 {
            return choices[choices.len() - 1 - self.lottery.below(faults)];
        }
        let turns = || choices.iter().filter(|choice| choice.kind == Kind::Turn);
        let Some(mut best) = turns().max_by_key(|turn| self.priority(turn.who)).copied() else {
            return choices[0];
        };
        if self.changes.contains(&self.step) {
            self.lowest -= 1;
            self.priorities[best.who] = self.lowest;
            best = *turns().max_by_key(|turn| self.priority(turn.who)).expect("there is one");
        }
        best
    }
}
