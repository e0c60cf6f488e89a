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

mod current;
pub mod memory;
pub mod schedule;
pub mod search;
mod verb;
mod world;

pub use current::*;
pub use verb::*;
pub use world::*;
