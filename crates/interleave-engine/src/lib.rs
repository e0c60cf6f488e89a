//! Who goes next: one run of an exploration, and the searches through all runs.
//!
//! This is the part of `interleave` that has to be fast, and it is compiled with optimisation even where a check is not. It
//! knows nothing of locks, channels or coroutines: a thread says what it is about to do and when it can ([`stop`]), and is told
//! who goes on. What a lock is, how one thread is left for another, and how a failure is told is the business of `interleave`,
//! whose API is the one to use: this one has no promise of stability.

// Closures on other threads' stacks, statics of this OS thread: each block says why it is sound.
#![allow(unsafe_code)]
// Only interleave uses it.
#![allow(missing_docs)]

mod choose;
mod clock;
mod current;
mod failure;
mod loc;
mod log;
mod loops;
mod lottery;
pub mod memory;
mod object;
pub mod schedule;
pub mod search;
mod settings;
mod step;
mod thread;
mod verb;
mod world;

pub use clock::Clock;
pub use current::*;
pub use failure::{Failure, Limits};
pub use loc::{Loc, Told};
pub use log::{Aside, Event, Happening};
pub use loops::Loop;
pub use object::{ATOMIC, CLOCK, FENCES, Object, ObjectId};
pub use settings::{LONG, LONG_AT_EACH_STEP, LONG_IN_TURNS, Settings, TOO_LONG};
pub use step::{Need, Op, Wake, Woken};
pub use thread::{ENDED, LocalValue, MAX_ALIVE, NOTIFIED, Panicked, Room, Thread, Tid, UNPARKED};
pub use verb::{Uses, Verb};
pub use world::World;
