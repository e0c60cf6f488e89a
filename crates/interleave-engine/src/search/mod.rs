//! Which thread goes next. A *pilot* answers that question throughout one run, and remembers what it did not try:
//!
//! - [`Traces`] runs one interleaving of each class of equivalent ones (dynamic partial order reduction). It is the search
//!   that can say "all interleavings".
//! - [`Shortest`] runs the interleavings in order of their interruptions, and skips none.
//! - [`Every`] runs all interleavings, depth first, equivalent or not: for counting them.
//! - [`InTurns`] interrupts at every step, [`Stopped`] a single time but for long, [`Between`] lets another thread make a
//!   whole call after each step, and [`Lots`] draws lots. They go where the others come late.
//! - [`Script`] follows a schedule.
//!
//! # The contract of a pilot
//! 1. `Pilot::pick` is asked whenever a thread has stopped and at least one thread, or one value, can be chosen. The first
//!    choice is the usual one.
//! 2. It answers with one of the choices, or with an error if an earlier run promises a choice that isn't there.
//! 3. Given the same answers, a scenario asks the same questions: an answer is all that decides a run.
//! 4. `Pilot::ends` is called once, when the run is over and no thread has left its place.
//! 5. Between two runs the pilot's own `next_run` says whether there is another one to try.

mod between;
mod every;
mod in_turns;
mod lots;
mod script;
mod shortest;
mod stopped;
mod traces;

pub use between::Between;
pub use every::Every;
pub use in_turns::InTurns;
pub use lots::Lots;
pub use script::Script;
pub use shortest::{Price, Shortest};
pub use stopped::Stopped;
pub use traces::Traces;

use crate::loops::Loop;
use crate::object::{Object, ObjectId};
use crate::thread::{Thread, Tid};

/// How a step uses an object. Two steps are independent if no object that both use is used in conflicting ways.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Use {
    /// Finds out what it is like.
    Read,
    /// Changes it in a way that commutes with other shares: joins a queue without an order, drops a sender.
    Share,
    /// Changes it.
    Write,
}

impl Use {
    /// Whether the order of two such uses matters.
    pub(crate) fn conflicts_with(self, other: Use) -> bool {
        self == Use::Write || other == Use::Write || self != other
    }
}

/// One use of an object in a step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Touch {
    pub(crate) object: ObjectId,
    pub(crate) how: Use,
    /// The object's level before it.
    pub(crate) level: u64,
}

/// Who takes each step and how: what a [`Script`] follows.
pub type Steps = Vec<(Tid, Kind)>;

/// How a choice goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The thread takes its step.
    Turn,
    /// The thread is woken although it isn't ready: spuriously, or because its timeout fires early.
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

/// What a pilot is shown of the run when it is asked.
pub(crate) struct Moment<'a> {
    pub(crate) threads: &'a [Thread],
    pub(crate) objects: &'a [Object],
    /// What the step since the last question has used so far.
    pub(crate) used: &'a [Touch],
    /// The threads that it started.
    pub(crate) started: &'a [Tid],
    /// Faults that may still happen in this run.
    pub(crate) faults_left: u32,
    pub(crate) max_faults: u32,
    /// What is known of loops.
    pub(crate) loops: &'a [Loop],
    /// No thread can go on by itself: the usual choice lets time pass.
    pub(crate) is_idle: bool,
}

/// Who answers the question for one run.
pub enum Pilot {
    /// One of each class of equivalent interleavings.
    Traces(Box<Traces>),
    /// In the order of interruptions.
    Shortest(Shortest),
    /// All of them, depth first.
    Every(Every),
    /// Each thread in turn.
    InTurns(InTurns),
    /// One thread is stopped for long.
    Stopped(Stopped),
    /// A whole call between any two steps of a thread.
    Between(Between),
    /// By lot.
    Lots(Lots),
    /// One that is known.
    Script(Script),
}

impl Pilot {
    /// One of `choices`, whose first one is the usual one.
    pub(crate) fn pick(&mut self, choices: &[Choice], moment: &Moment<'_>) -> Result<Choice, String> {
        match self {
            Pilot::Traces(pilot) => pilot.pick(choices, moment),
            Pilot::Shortest(pilot) => pilot.pick(choices),
            Pilot::Every(pilot) => pilot.pick(choices),
            Pilot::InTurns(pilot) => Ok(pilot.pick(choices)),
            Pilot::Stopped(pilot) => Ok(pilot.pick(choices)),
            Pilot::Between(pilot) => Ok(pilot.pick(choices)),
            Pilot::Lots(pilot) => Ok(pilot.pick(choices)),
            Pilot::Script(pilot) => pilot.pick(choices),
        }
    }

    /// Whether a thread that can go on does so, unless the search knows a reason against it.
    pub(crate) fn goes_on_by_itself(&self) -> bool {
        matches!(self, Pilot::Traces(pilot) if !pilot.redundant)
    }

    /// The run has become long, and the pilot is not asked from here on.
    pub(crate) fn coasts(&mut self, moment: &Moment<'_>) {
        match self {
            Pilot::Traces(pilot) => pilot.coasts(moment),
            Pilot::Shortest(pilot) => pilot.coasted = true,
            Pilot::Every(pilot) => pilot.coasted = true,
            Pilot::InTurns(_) | Pilot::Stopped(_) | Pilot::Between(_) | Pilot::Lots(_) | Pilot::Script(_) => {
            }
        }
    }

    /// The run is over, and every thread that has not finished stands where it stopped last.
    pub(crate) fn ends(&mut self, moment: &Moment<'_>) {
        if let Pilot::Traces(pilot) = self {
            pilot.ends(moment);
        }
    }

    /// Whether, where time passes because no thread can go on, the pilot is also asked whether it is a fault that wakes the thread.
    pub(crate) fn tells_time_from_faults(&self) -> bool {
        matches!(self, Pilot::Traces(_) | Pilot::Script(_))
    }

    /// The thread of the next choice, if an earlier run has made it.
    pub(crate) fn scripted(&self) -> Option<Tid> {
        match self {
            Pilot::Script(pilot) => pilot.next(),
            _ => None,
        }
    }
}

pub(crate) const NOT_DETERMINISTIC: &str = "the scenario does not do the same in every run, so its interleavings cannot be tried one by \
     one: does it use random numbers, the order of a HashMap, the real clock, addresses, or something \
     that an earlier run left behind?";
