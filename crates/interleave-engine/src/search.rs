//! Which thread goes next. Four pilots answer that question of a run:
//!
//! - [`Shortest`] tries the runs in order of their interruptions: first every thread runs until it
//!   blocks, then one of them is interrupted once, anywhere, then twice (iterative context bounding:
//!   Musuvathi and Qadeer 2007). It skips nothing, so what it says of «at most two interruptions» is exact, and
//!   the first failure that it meets is one with the fewest.
//! - [`Tree`] walks through all choices depth first, with sleep sets (Godefroid 1996), which leave out runs that
//!   differ from one tried before only in the order of independent steps. It finishes where `Shortest`
//!   would take too long, so that «every interleaving» can be said.
//! - [`Rhythm`] interrupts at every step, in one run: what a loop does that is overtaken again and again, both others would
//!   come to much too late.
//! - [`Script`] follows a schedule.

use crate::world::{ObjectId, Tid};
use std::collections::VecDeque;
use std::rc::Rc;

/// What a step touched: the object, and whether it may have changed it.
pub(crate) type Footprint = Vec<(ObjectId, bool)>;

/// Who takes each step and how: what a [`Script`] follows.
pub type Steps = Vec<(Tid, Kind)>;

/// How a choice goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The thread takes its step.
    Turn,
    /// The thread is woken although it is not ready: spuriously, or because its time is up early.
    Fault,
    /// Not about threads: this one of several possibilities.
    Data(u32),
}

/// One way in which a run can go on.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// The thread that takes the step.
    pub who: Tid,
    /// How.
    pub kind: Kind,
    /// 1 if it takes a thread off the processor that could go on, or is otherwise out of the ordinary.
    pub cost: u32,
}

impl Choice {
    /// Whether the same thread does the same.
    pub fn is(&self, other: &Choice) -> bool {
        (self.who, self.kind) == (other.who, other.kind)
    }
}

/// Who answers the question for one run.
pub enum Pilot {
    /// In the order of interruptions.
    Shortest(Shortest),
    /// All of them, depth first.
    Tree(Tree),
    /// Everybody in turn.
    Rhythm(Rhythm),
    /// One that is known.
    Script(Script),
}

impl Pilot {
    /// One of `choices`, whose first one is the usual one. `ran` is what the step since the last call
    /// touched; `independent` says that nothing but the steps themselves decides what is possible now.
    pub(crate) fn pick(
        &mut self,
        choices: &mut Vec<Choice>,
        ran: Footprint,
        independent: bool,
    ) -> Result<Choice, String> {
        match self {
            Pilot::Shortest(pilot) => pilot.pick(choices),
            Pilot::Tree(pilot) => pilot.pick(choices, ran, independent),
            Pilot::Rhythm(pilot) => Ok(pilot.pick(choices)),
            Pilot::Script(pilot) => pilot.pick(choices),
        }
    }

    /// The run has become long, and nobody is asked from here on.
    pub(crate) fn coasts(&mut self) {
        match self {
            Pilot::Shortest(pilot) => pilot.coasted = true,
            Pilot::Tree(pilot) => pilot.coasted = true,
            Pilot::Rhythm(_) | Pilot::Script(_) => {}
        }
    }

    /// The last step of a run has no `pick` after it.
    pub(crate) fn end(&mut self, ran: Footprint) {
        if let Pilot::Tree(pilot) = self {
            pilot.ran(ran);
        }
    }
}

const NOT_DETERMINISTIC: &str = "the scenario does not do the same in every run, so its interleavings cannot be tried one by \
     one: does it use random numbers, the order of a HashMap, the real clock, addresses, or something \
     that an earlier run left behind?";

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

/// See the module's documentation.
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

    fn pick(&mut self, choices: &[Choice]) -> Result<Choice, String> {
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

struct Node {
    /// How many choices there were, those asleep included.
    of: usize,
    choices: Vec<Choice>,
    at: usize,
    footprint: Footprint,
    asleep: Vec<(Choice, Rc<Footprint>)>,
}

/// See the module's documentation.
pub struct Tree {
    stack: Vec<Node>,
    depth: usize,
    reduce: bool,
    /// Everything from here on has been tried in another order; the run is only finished.
    pub redundant: bool,
    /// A run was so long that it was not followed to its end.
    pub coasted: bool,
}

impl Tree {
    /// Without `reduce` it leaves nothing out.
    pub fn new(reduce: bool) -> Self {
        Tree { stack: vec![], depth: 0, reduce, redundant: false, coasted: false }
    }

    fn ran(&mut self, ran: Footprint) {
        if self.depth == 0 || self.depth < self.stack.len() || self.redundant {
            return;
        }
        // A choice that is not about threads comes in the middle of a step, which is not over before
        // the next turn: it touches whatever is touched after any such choice.
        let mut step = self.depth - 1;
        while step > 0 && matches!(self.stack[step].choices[0].kind, Kind::Data(_)) {
            step -= 1;
            self.stack[step].footprint.extend_from_slice(&ran);
        }
        self.stack[self.depth - 1].footprint = ran;
    }

    fn pick(
        &mut self,
        choices: &mut Vec<Choice>,
        ran: Footprint,
        independent: bool,
    ) -> Result<Choice, String> {
        if self.redundant {
            return Ok(choices[0]);
        }
        self.ran(ran);
        if let Some(node) = self.stack.get(self.depth) {
            let planned = node.choices[node.at];
            self.depth += 1;
            let same = |c: &&Choice| node.of == choices.len() && c.is(&planned);
            return choices.iter().find(same).copied().ok_or(NOT_DETERMINISTIC.into());
        }
        let asleep: Vec<_> = match self.stack.last() {
            Some(parent) if self.reduce && independent => {
                let ran = parent.choices[parent.at];
                let tired = |c: &Choice, f: &Footprint| c.who != ran.who && !conflict(f, &parent.footprint);
                parent.asleep.iter().filter(|(c, f)| tired(c, f)).cloned().collect()
            }
            _ => vec![],
        };
        let (usual, of) = (choices[0], choices.len());
        choices.retain(|c| !asleep.iter().any(|(sleeper, _)| sleeper.is(c)));
        let Some(&choice) = choices.first() else {
            self.redundant = true;
            return Ok(usual);
        };
        self.stack.push(Node { of, choices: choices.clone(), at: 0, footprint: vec![], asleep });
        self.depth += 1;
        Ok(choice)
    }

    /// Backs up to the next run; false when there is none.
    pub fn next_run(&mut self) -> bool {
        (self.depth, self.redundant) = (0, false);
        while let Some(node) = self.stack.last_mut() {
            let done = (node.choices[node.at], Rc::new(std::mem::take(&mut node.footprint)));
            node.asleep.push(done);
            node.at += 1;
            if node.at < node.choices.len() {
                return true;
            }
            self.stack.pop();
        }
        false
    }
}

fn conflict(a: &Footprint, b: &Footprint) -> bool {
    a.iter().any(|(o, w)| b.iter().any(|(p, v)| o == p && (*w || *v)))
}

/// See the module's documentation. One thread takes one step, each of the others some, and so on round and round; who cannot
/// go on is left out.
pub struct Rhythm {
    slow: Tid,
    others: u32,
    current: Tid,
    left: u32,
}

impl Rhythm {
    /// One step of thread `slow`, so many of each other one.
    pub fn new(slow: Tid, others: u32) -> Self {
        Rhythm { slow, others, current: 0, left: 0 }
    }

    fn pick(&mut self, choices: &[Choice]) -> Choice {
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

/// See the module's documentation. After its end the usual choices are made.
pub struct Script {
    steps: Steps,
    at: usize,
}

impl Script {
    /// Follows these steps.
    pub fn new(steps: Steps) -> Self {
        Script { steps, at: 0 }
    }

    fn pick(&mut self, choices: &[Choice]) -> Result<Choice, String> {
        let Some(&(who, kind)) = self.steps.get(self.at) else { return Ok(choices[0]) };
        self.at += 1;
        let fits = choices.iter().find(|c| (c.who, c.kind) == (who, kind));
        fits.copied().ok_or_else(|| {
            let wanted = crate::schedule::to_string(&[Choice { who, kind, cost: 0 }]);
            let possible: Vec<String> =
                choices.iter().map(|c| crate::schedule::to_string(std::slice::from_ref(c))).collect();
            let (step, possible) = (self.at, possible.join(" or "));
            format!(
                "the schedule does not fit: its step {step} is {wanted}, where only {possible} can be; is it of \
                 another version of the code?"
            )
        })
    }
}
