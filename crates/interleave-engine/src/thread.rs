//! The threads of a run: where each has stopped, what it has found, what it knows.

use crate::clock::Clock;
use crate::loc::Loc;
use crate::loops::{Look, Loop, known};
use crate::object::ObjectId;
use crate::search::{Moment, Use};
use crate::step::{At, Need, Op, Wake, Woken};
use crate::verb::Verb;
use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// A thread's number; 0 is the scenario's own.
pub type Tid = usize;

/// At most this many threads are alive at the same time.
pub const MAX_ALIVE: usize = 128;

/// The level of a thread that has ended; the other bits are the thread's tokens.
pub const ENDED: u64 = 1;
/// The thread has been unparked.
pub const UNPARKED: u64 = 2;
/// The thread has been notified.
pub const NOTIFIED: u64 = 4;

/// A thread of a run.
pub struct Thread {
    /// The name that it was given.
    pub name: Option<String>,
    /// The name that the explored code finds, if it is another one, or none: the other is for reports.
    pub known_as: Option<Option<&'static str>>,
    /// The line that started it; none for the scenario's own thread.
    pub born: Option<Loc>,
    /// What stands for it among the objects.
    pub object: ObjectId,
    /// It has ended.
    pub finished: bool,
    /// What it panicked with.
    pub panicked: Option<Panicked>,
    /// Somebody has joined it, and knows how it ended.
    pub joined: bool,
    /// The token of `park`.
    pub park_token: Arc<AtomicBool>,
    /// Its thread-local values.
    pub locals: Vec<LocalValue>,
    /// How many panics it is unwinding from.
    pub unwinding: u32,
    /// What happened before its next step.
    pub clock: Clock,
    /// What the next acquire fence acquires, and what the last release fence released.
    pub fences: (Clock, Clock),
    /// What it was about to do when the run failed, and whether it could.
    pub left_before: Option<(Op, bool)>,
    /// Once it is notified, it is no longer about to do what it stopped before, but this.
    pub once_notified: Option<(&'static Verb, ObjectId)>,
    /// See `once_notified`.
    pub notified: bool,
    pub(crate) at: Option<At>,
    /// Runs to its first operation on behalf of this thread.
    pub(crate) starting_for: Option<Tid>,
    /// What it has found since any of it was changed by another thread.
    pub(crate) looks: Vec<Look>,
    /// It has changed something itself since then.
    pub(crate) acts: bool,
    /// The threads that it has joined since its last step, as objects.
    pub(crate) joins: Vec<ObjectId>,
    pub(crate) woken: Woken,
}

/// A value of one thread: of which variable, by the address of its key, and where.
pub struct LocalValue {
    /// The address of its key.
    pub key: usize,
    /// The value, until it is destroyed.
    pub value: Option<Box<dyn Room>>,
    /// Where the value was, once it is destroyed: a thread that starts later gets the place, and so the address.
    pub vacant: Option<Box<dyn Room>>,
}

/// Room for a value, which is an `Option` of it.
pub trait Room: Any {
    /// Destroys the value.
    fn empty(&mut self);
}

impl<T: 'static> Room for Option<T> {
    fn empty(&mut self) {
        *self = None;
    }
}

/// Where and why a thread panicked.
#[derive(Clone, Debug)]
pub struct Panicked {
    /// What it said.
    pub message: String,
    /// File and line.
    pub place: Option<(String, u32)>,
}

/// All that makes a thread's next step possible, for a search that asks whether it was possible earlier.
#[derive(Clone, Default, Debug)]
pub(crate) struct Wants {
    /// All of these.
    pub(crate) needs: Vec<Need>,
    /// Or, for a loop that waits: a change of one of these.
    pub(crate) changed: Vec<ObjectId>,
    /// Or that it is later than this.
    pub(crate) deadline: Option<Duration>,
    /// Or nothing at all, while there were fewer faults than `max_faults`.
    pub(crate) may_wake: bool,
    pub(crate) max_faults: u32,
    /// What the step would use.
    pub(crate) uses: Vec<(ObjectId, Use)>,
}

impl Thread {
    /// What it was about to do when the run failed, if it could not.
    pub fn stuck(&self) -> Option<Op> {
        self.left_before.filter(|(_, could)| !could).map(|(op, _)| op)
    }

    /// What makes the step possible that it has stopped before.
    pub(crate) fn wants(&self, moment: &Moment<'_>) -> Wants {
        let Some(at) = &self.at else { return Wants::default() };
        let ended = |&object: &ObjectId| Need {
            object,
            how: Use::Read,
            is_met: |level, _| level & ENDED > 0,
            than: 0,
        };
        let needs = at.needs.iter().flatten().copied().chain(self.joins.iter().map(ended)).collect();
        // A loop that nothing is known of yet has to be reached, to be let go on alone.
        let known = known(moment.loops, at.op.loc);
        let waits_for_change = known.is_some()
            && self.waits_for_change(at.op, known)
            && !self.looks.iter().any(|look| look.is_stale);
        let changed =
            if waits_for_change { self.looks.iter().map(|look| look.object).collect() } else { vec![] };
        let deadline = matches!(at.wake, Wake::After(_)).then_some(at.deadline);
        Wants {
            needs,
            changed,
            deadline,
            may_wake: at.wake != Wake::WhenReady,
            max_faults: moment.max_faults,
            uses: vec![],
        }
    }

    /// The same of a thread that has not finished when the run is over, with what the step would use.
    pub(crate) fn pending(&self, moment: &Moment<'_>) -> Option<Wants> {
        let at = self.at.as_ref()?;
        let mut wants = self.wants(moment);
        let own = (at.op.object, at.op.verb.uses(at.op.writes).unwrap_or(Use::Share));
        let needed = wants.needs.iter().map(|need| (need.object, need.how));
        wants.uses = [own].into_iter().chain(needed).collect();
        Some(wants)
    }

    /// Whether the next step would find what it has found before, as often as a loop may that this much is known of.
    pub(crate) fn waits_for_change(&self, op: Op, known: Option<&Loop>) -> bool {
        let allowed = known.map_or(1, |known| known.looks);
        self.looks.iter().any(|look| {
            let is_same = (look.verb, look.loc, look.object) == (op.verb, op.loc, op.object);
            is_same && look.repeats > 0 && look.repeats >= allowed
        })
    }
}
