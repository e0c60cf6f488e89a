//! What happened in a run, for its report.

use crate::loc::Loc;
use crate::object::ObjectId;
use crate::step::Woken;
use crate::thread::Tid;
use crate::verb::Verb;
use std::sync::atomic::Ordering;

/// A step that was taken.
#[derive(Clone, Debug)]
pub struct Event {
    /// By whom.
    pub who: Tid,
    /// What was done.
    pub verb: &'static Verb,
    /// To what.
    pub object: ObjectId,
    /// The line, if it is known.
    pub loc: Option<Loc>,
    /// What it found.
    pub before: Option<String>,
    /// What it left behind.
    pub after: Option<String>,
    /// The thread before it could have gone on.
    pub preempts: bool,
    /// Why the thread could take it.
    pub woken: Woken,
}

impl Event {
    /// A step of which no more than this is known.
    pub fn plain(who: Tid, verb: &'static Verb, object: ObjectId, loc: Option<Loc>) -> Self {
        Event { who, verb, object, loc, before: None, after: None, preempts: false, woken: Woken::Ready }
    }
}

/// What happens between two steps, in a run that is recorded: a report tells it.
#[derive(Clone, Debug)]
pub struct Aside {
    /// How many events of the log come before it.
    pub at: usize,
    /// The thread that it's about.
    pub who: Tid,
    /// The object that it's about.
    pub object: ObjectId,
    /// The line, if it's known.
    pub loc: Option<Loc>,
    /// What happens.
    pub what: Happening,
}

/// See [`Aside`].
#[derive(Clone, Debug)]
pub enum Happening {
    /// The thread is about to do this, and can't.
    Waits(&'static Verb),
    /// The thread releases the lock that it has acquired with the event of this number.
    Unlocks {
        /// The number of that event.
        since: usize,
        /// What the lock's value is now.
        value: Option<String>,
        /// The thread had a `&mut` to the value.
        written: bool,
    },
    /// The step under way notifies the thread.
    Notified,
    /// The step under way has this ordering.
    Ordered(Ordering),
    /// The thread makes a channel's sender of this number.
    MakesSender(u32),
    /// It sends with it.
    UsesSender(u32),
    /// It drops it.
    DropsSender(u32),
}
