//! What threads share.

use crate::clock::Clock;
use crate::loc::Loc;
use crate::thread::Tid;

/// A number of a lock, an atomic, a thread, ….
pub type ObjectId = u32;

/// The virtual clock, as an object.
pub const CLOCK: ObjectId = 0;

/// The object of all `SeqCst` fences. A fence changes it and a `SeqCst` access reads it, because each of them sees which came
/// first.
pub const FENCES: ObjectId = 1;

/// The kind of object whose orderings, not whose use, say what is known to whom.
pub const ATOMIC: &str = "atomic";

/// Of [`FENCES`]: to touch it orders nothing either.
pub(crate) const FENCE: &str = "fence";

/// A lock, an atomic, a thread, …
pub struct Object {
    /// What it is: a `Mutex`, say.
    pub kind: &'static str,
    /// The line that made it.
    pub born: Loc,
    /// Who holds it, since which line.
    pub holders: Vec<(Tid, Loc)>,
    /// The value as last seen, when the run is recorded.
    pub value: Option<String>,
    /// What says whether a step that needs the object is possible: for a lock, how it is held. Starts with 0.
    pub level: u64,
    /// How often it was changed.
    pub(crate) version: u64,
    /// What a thread that uses it knows afterwards; atomics have their orderings instead.
    pub(crate) clock: Option<Clock>,
    /// What a thread that writes it, or reads it, knows besides: what those who share it knew.
    pub(crate) shared: Clock,
}

impl Object {
    /// A lock, an atomic, a channel, …: what a learner would call a thing.
    pub fn is_a_thing(&self) -> bool {
        !matches!(self.kind, "thread" | "clock" | "door" | FENCE)
    }
}
