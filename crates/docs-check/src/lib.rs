//! Keeps every Markdown page of the repository true.
//!
//! A page goes stale in silence: a file moves, a function is renamed, an output gains a column. Each module here is one
//! rule that says so, with the file and the line, what was expected, what was found, and the command that mends it.
//! A rule takes a [`Repository`] and returns [`Finding`]s, so that `tests/rules.rs` can show each one a small tree that
//! is wrong and see it complain; `tests/repository.rs` applies them all to this repository.
//!
//! What an author writes above a fence, in an HTML comment that readers never see:
//!
//! | comment | the fence below it is |
//! |---|---|
//! | `<!-- source: path -->` | the whole file |
//! | `<!-- source: path#item -->` | a function, type, `mod`, `Type::method`, `impl Trait for Type`, anchored region or `L3-L9` |
//! | `<!-- output: cargo run -q -p … -->` | what that command prints, and it exits with 0 |
//! | `<!-- output: python3 path.py -->` | what that program prints; skipped, and told, where there is no Python |
//! | `<!-- output (varies): … -->` | the same, with every number read as `N` |
//! | `<!-- output (exit 101): … -->` | the same for a command that fails; `(exit 101, varies)` for both |
//! | `<!-- output (varies, any order): … -->` | the same lines, whichever comes first |
//! | `<!-- output (14 lines from step): … -->` | at most that many lines of it, from the first that holds that text |
//! | `<!-- drawing -->` | drawn by hand, below a command that does not print it |
//!
//! In a block of output, a line `...` stands for any number of lines.

pub mod book;
pub mod chapters;
pub mod compile;
pub mod crawl;
mod diff;
pub mod fences;
pub mod house;
pub mod items;
pub mod links;
pub mod markdown;
pub mod minutes;
pub mod output;
mod parallel;
pub mod promises;
pub mod prose;
mod repository;
pub mod site;
pub mod source;
mod update;

pub use repository::{Exercises, Finding, Repository, report};
pub use update::update;

/// The command that rewrites every block of code and output that has drifted.
pub const UPDATE: &str = "UPDATE_DOCS=1 cargo test -p docs-check";
