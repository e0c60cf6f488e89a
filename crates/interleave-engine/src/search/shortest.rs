//! Interleavings in the order of their interruptions: first each thread runs until it blocks, then one of them is interrupted once,
//! anywhere, then twice (iterative context bounding: Musuvathi and Qadeer 2007). Nothing is skipped, so what is
//! said of "at most two interruptions" is exact, and the first failure found has the fewest.

use super::{Choice, NOT_DETERMINISTIC};
use std::collections::VecDeque;
use std::rc::Rc;

/// What a choice other than the usual one costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Price {
    /// Who goes on when a thread blocks is free; to interrupt a thread costs 1.
    Interruptions,
    /// Each costs 1 (delay bounding: Emmi, Qadeer and Rakamarić 2011): it comes far where the other is drowned in the orders in
    /// which threads that block can go on.
    Detours,
}

/// A run that is still to be done: `path[..keep]`, then `turn`, then the usual choices.
struct Branch {
    path: Rc<[Taken]>,
    keep: usize,
    turn: Option<Choice>,
}

/// A choice that was made, and of how many.
#[derive(Clone, Copy)]
struct Taken {
    choice: Choice,
    of: usize,
}

/// The search in order of interruptions.
pub struct Shortest {
    /// The branches to be tried, by their cost.
    levels: Vec<VecDeque<Branch>>,
    waiting: usize,
    current: Branch,
    taken: Vec<Taken>,
    alternatives: Vec<(usize, Choice, u32)>,
    /// No branch costs more than this.
    most: u32,
    price: Price,
    /// What the current run costs.
    pub level: u32,
    /// A branch was left out because of `most`, or because too many were waiting.
    pub cut: bool,
    /// No branch that costs less was left out because too many were waiting.
    complete_below: u32,
    /// There is no branch left.
    exhausted: bool,
    /// A run was so long that it was not followed to its end.
    pub coasted: bool,
}

/// So many waiting branches take about 50 MB.
const MAX_WAITING: usize = 1_000_000;

impl Shortest {
    /// Only runs that cost at most so much, at this price.
    pub fn new(most: u32, price: Price) -> Self {
        let start = Branch { path: Rc::new([]), keep: 0, turn: None };
        Shortest {
            levels: vec![],
            waiting: 0,
            current: start,
            taken: vec![],
            alternatives: vec![],
            most,
            price,
            level: 0,
            cut: false,
            complete_below: u32::MAX,
            exhausted: false,
            coasted: false,
        }
    }

    /// So many interruptions, and fewer, have been tried everywhere; `None` while not even none has.
    pub fn tried(&self) -> Option<u32> {
        let last = match (self.exhausted, self.cut) {
            (false, _) => self.level.checked_sub(1),
            (true, true) => Some(self.most),
            (true, false) => Some(self.level),
        };
        last.min(self.complete_below.checked_sub(1))
    }

    pub(super) fn pick(&mut self, choices: &[Choice]) -> Result<Choice, String> {
        if let [only] = choices {
            return Ok(*only);
        }
        let depth = self.taken.len();
        let planned = match depth {
            d if d < self.current.keep => Some(self.current.path[d].choice),
            d if d == self.current.keep => self.current.turn,
            _ => None,
        };
        let before = self.current.path.get(depth).filter(|_| depth <= self.current.keep);
        if before.is_some_and(|before| before.of != choices.len()) {
            return Err(NOT_DETERMINISTIC.into());
        }
        let choice = match planned {
            Some(planned) => *choices.iter().find(|c| c.is(&planned)).ok_or(NOT_DETERMINISTIC)?,
            None => {
                let price = |c: &Choice| c.cost.max(u32::from(self.price == Price::Detours));
                let others = choices[1..].iter().map(|c| (depth, *c, self.level + price(c)));
                self.alternatives.extend(others);
                choices[0]
            }
        };
        self.taken.push(Taken { choice, of: choices.len() });
        Ok(choice)
    }

    /// Goes to the next run; false when there is no other.
    pub fn next_run(&mut self) -> bool {
        let path: Rc<[Taken]> = self.taken.as_slice().into();
        for (keep, turn, cost) in self.alternatives.drain(..) {
            if cost > self.most || self.waiting >= MAX_WAITING {
                self.cut = true;
                if cost <= self.most {
                    self.complete_below = self.complete_below.min(cost);
                }
                continue;
            }
            let level = cost as usize;
            if self.levels.len() <= level {
                self.levels.resize_with(level + 1, VecDeque::new);
            }
            self.levels[level].push_back(Branch { path: path.clone(), keep, turn: Some(turn) });
            self.waiting += 1;
        }
        self.taken.clear();
        let levels = self.levels.iter_mut().enumerate();
        let Some((level, next)) = levels.filter_map(|(i, level)| Some((i, level.pop_front()?))).next() else {
            self.exhausted = true;
            return false;
        };
        self.current = next;
        self.waiting -= 1;
        self.level = level as u32;
        true
    }
}
