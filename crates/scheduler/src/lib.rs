//! Be the scheduler: real functions, stepped by the reader, and a map of where that leads.
//!
//! [`programs::PROGRAMS`] says what can be played, and [`Play`] is one of them with every state it can be in. [`page`] makes
//! the HTML page, and [`terminal`] plays in a terminal. What a lock is, only `interleave` knows.

#[macro_use]
extern crate interleave as std; // in this crate, and in the pages that it takes in, std's threads are explored

pub mod film;
pub mod page;
mod play;
pub mod programs;
pub mod terminal;

pub use play::{Block, End, Kind, Object, Place, Play, Position, Step, Thread, Touch, Ways};
