//! What a step is, as far as the engine has to know.

use crate::search::Use;
use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ptr;

/// What a thread is about to do: one way of using one kind of object.
///
/// A primitive has its verbs beside its implementation, each in a `static` of its own. Two
/// verbs are the same if they are the same static.
pub struct Verb {
    /// What a report calls it: "locks".
    pub does: &'static str,
    /// How the step uses its object.
    pub uses: Uses,
    /// What was known to the threads that used the object before becomes known to the thread, and
    /// the other way around. If not, the step may still call [`touch`](crate::touch) when it
    /// finds what it looks for.
    pub orders: bool,
    /// No other thread can notice the step, so it needs no choice and no row.
    pub is_quiet: bool,
    /// The thread lets all other threads go first.
    pub yields: bool,
    /// Among them a thread that looks again and again, but changes something as it goes around: that may
    /// be work.
    pub yields_to_work: bool,
    /// The thread waits for time to pass, and nothing else can wake it.
    pub sleeps: bool,
    /// What else a report says. The engine doesn't look at it.
    pub words: &'static (dyn Any + Send + Sync),
}

/// How a step uses its object, as far as that is known before the step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Uses {
    /// It changes the object if [`Op::writes`](crate::Op::writes) says so. Otherwise it reads it.
    AsWritten,
    /// It may turn out to change nothing. If it does change something, it calls
    /// [`changes`](crate::changes) or [`use_object`](crate::use_object).
    MayOnlyLook,
    /// It shares the object: see [`Use::Share`].
    Shares,
    /// It says so itself. If a thread never gets to the step, the object counts as shared.
    SaysItself,
}

impl Verb {
    /// How the step uses its object; `None` if it says so itself.
    pub(crate) fn uses(&self, writes: bool) -> Option<Use> {
        match self.uses {
            Uses::AsWritten if writes => Some(Use::Write),
            Uses::AsWritten | Uses::MayOnlyLook => Some(Use::Read),
            Uses::Shares => Some(Use::Share),
            Uses::SaysItself => None,
        }
    }
}

impl PartialEq for Verb {
    fn eq(&self, other: &Self) -> bool {
        ptr::eq(self, other)
    }
}

impl Eq for Verb {}

impl Hash for Verb {
    fn hash<H: Hasher>(&self, state: &mut H) {
        ptr::hash(self, state);
    }
}

impl fmt::Debug for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.does)
    }
}
