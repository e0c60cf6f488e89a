//! Mutation testing for the checks of the exercises.
//!
//! A check that accepts a solution and rejects a few wrong fixes may still have gaps that
//! nobody thought of. So this crate makes many small changes to each solution, one at a
//! time: the operators for concurrent programs of Bradbury, Cordy and Dingel (*Mutation
//! Operators for Concurrent Java*, 2006), carried over to Rust, and the usual ones for
//! constants, conditions and statements. Every mutant that compiles is rejected by the
//! check, or it behaves as the solution does, and a file beside the solution says why.
//!
//! - [`mutants`]: the changes, made in the text of a file.
//! - [`equivalents`]: the list of those that change nothing.
//! - [`score`]: all of them under the check, and what came of it.

pub mod equivalents;
mod guards;
pub mod mutants;
pub mod score;
mod source;
