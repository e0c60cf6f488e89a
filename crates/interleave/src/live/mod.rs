//! Checks of programs that use real threads and real sockets, which can't be explored.
//!
//! - [`watched_std`] is `std` with a few parts watched: which threads were never joined, which
//!   sockets are still open, who polls and how often. Its sockets do at once what real ones do once
//!   in a while: a `write` takes part of what it is given, and `accept` fails.
//! - [`side_by_side!`](crate::side_by_side) runs all scenarios of a check at the same time, so that
//!   a wrong program that keeps each of them waiting is found out in one wait.
//! - [`receive`] waits without mistaking a busy machine for a program that hangs.
//!
//! In a check file:
//!
//! ```ignore
//! extern crate self as std; // in this file, and in what it takes in, std is this crate, and so …
//! pub use interleave::live::watched_std::*; // … the one that is watched
//! ```

pub mod net;
pub mod process;
mod scenarios;
pub mod thread;
mod watch;

pub use scenarios::{MOMENT, PATIENCE, Scenario, Scenarios, kept_panics, receive};
pub use watch::Watch;

/// `std`, with `net`, `process` and `thread` watched.
pub mod watched_std {
    pub use super::{net, process, thread};
    pub use ::std::*;
}
