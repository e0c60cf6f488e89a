//! A step that a thread is about to take: what it does, and what has to be so for it.

use crate::loc::Loc;
use crate::object::ObjectId;
use crate::search::Use;
use crate::verb::Verb;
use std::time::Duration;

/// What a thread is about to do, to what, and where.
#[derive(Clone, Copy)]
pub struct Op {
    /// What it does.
    pub verb: &'static Verb,
    /// To what.
    pub object: ObjectId,
    /// Whether it may change it.
    pub writes: bool,
    /// The line.
    pub loc: Loc,
}

/// What may wake a thread that is not ready.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wake {
    /// Nothing but that it is ready.
    WhenReady,
    /// Nothing at all.
    Spuriously,
    /// The end of so much time.
    After(Duration),
}

/// Why a thread goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Woken {
    /// It can.
    Ready,
    /// Nothing: it was woken for no reason.
    Spuriously,
    /// Its time is up.
    TimedOut,
}

/// What a step needs of an object to be possible.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    /// Of which object.
    pub object: ObjectId,
    /// How the step will use it.
    pub how: Use,
    /// Whether the object's [level](crate::Object::level) is enough; the second argument is `than`.
    pub is_met: fn(u64, u64) -> bool,
    /// What `is_met` compares the level with.
    pub than: u64,
}

/// Where a thread has stopped.
pub(crate) struct At {
    pub(crate) op: Op,
    pub(crate) needs: [Option<Need>; 2],
    pub(crate) ready: Ready,
    pub(crate) wake: Wake,
    pub(crate) deadline: Duration,
}

pub(crate) struct Ready(pub(crate) *const (dyn Fn() -> bool + 'static));

impl At {
    pub(crate) fn is_ready(&self) -> bool {
        // SAFETY: the closure lives in the frame of `wait`, which does not return, and so does not
        // end the closure's life, before it has taken this `At` away.
        unsafe { (*self.ready.0)() }
    }
}
