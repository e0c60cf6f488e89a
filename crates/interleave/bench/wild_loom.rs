//! The programs of `wild-bugs` under loom: `cargo bench -p interleave-bench --bench wild_loom`.

#![allow(missing_docs, hidden_glob_reexports)]

extern crate self as std; // so that the programs get loom's threads
extern crate std as real;

pub use real::*;

pub mod hint {
    pub use loom::hint::*;
}
pub mod sync {
    pub use loom::sync::*;
}
pub mod thread {
    pub use loom::thread::*;
}

#[path = "../../wild-bugs/src/lib.rs"]
#[allow(dead_code)]
mod bugs;

include!("wild.rs");

const TOOLS: &[&str] = &["loom"];

/// As many as interleave's check has by default.
const MOST: usize = 50_000;

fn check(_: &str, scenario: fn()) -> &'static str {
    let mut builder = loom::model::Builder::new();
    builder.max_permutations = Some(MOST);
    builder.preemption_bound = None;
    builder.check(counted(scenario));
    if RUNS.load(Relaxed) < MOST { "all pass" } else { "passes" }
}
