//! How a run went wrong, and what it left out.

use crate::loc::Loc;
use crate::loops::Loop;
use crate::thread::{Panicked, Tid};

/// How a run went wrong.
#[derive(Clone, Debug)]
pub enum Failure {
    /// A thread panicked, and nobody caught or joined it.
    Panic {
        /// Which thread.
        who: Tid,
        /// With what.
        panicked: Panicked,
    },
    /// Nobody can go on, or these can never.
    Deadlock {
        /// Who cannot go on.
        stuck: Vec<Tid>,
        /// They wait for each other's locks in a circle.
        cycle: bool,
    },
    /// It does not come to an end.
    Endless,
    /// A thread looks again and again instead of sleeping until it is woken: see [`Settings::must_sleep`](crate::Settings::must_sleep).
    Busy {
        /// Which thread.
        who: Tid,
        /// It sleeps for a while between two looks.
        sleeps: bool,
    },
    /// It has not come to an end in [`TOO_LONG`](crate::TOO_LONG) steps.
    TooLong,
    /// These threads were left running.
    Unjoined(Vec<Tid>),
    /// A thread would end the process.
    Exit {
        /// Which thread.
        who: Tid,
        /// What it called.
        call: String,
        /// Where.
        loc: Loc,
    },
    /// The scenario, not the code under check, is at fault.
    Misuse(String),
    /// Not a failure: something was learnt that the search has to start again with.
    WatchReleases,
    /// Not a failure: something was learnt about a loop.
    Loop(Loop),
}

/// What a run left out because of a limit that it met.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Limits {
    /// A fault more could have happened.
    pub faults: bool,
    /// A loop was kept from going around again.
    pub loops: bool,
}
