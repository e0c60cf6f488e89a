//! The programs of `wild-bugs` under shuttle: `cargo bench -p interleave-bench --bench wild_shuttle`.

#![allow(missing_docs, hidden_glob_reexports)]

extern crate self as std; // so that the programs get shuttle's threads
extern crate std as real;

pub use real::*;

pub mod hint {
    pub use shuttle::hint::*;
}
pub mod sync {
    pub use shuttle::sync::*;
}
pub mod thread {
    pub use shuttle::thread::*;
}

#[path = "../../wild-bugs/src/lib.rs"]
#[allow(dead_code)]
mod bugs;

include!("wild.rs");

const TOOLS: &[&str] = &["random", "DFS"];

/// As many as interleave's check has by default.
const MOST: usize = 50_000;
/// As many as shuttle's own examples draw.
const DRAWS: usize = 1_000;

fn check(tool: &str, scenario: fn()) -> &'static str {
    let mut config = shuttle::Config::new();
    config.failure_persistence = shuttle::FailurePersistence::None;
    let scenario = counted(scenario);
    if tool == "random" {
        let scheduler = shuttle::scheduler::RandomScheduler::new(DRAWS);
        shuttle::Runner::new(scheduler, config).run(scenario);
        return "passes";
    }
    let scheduler = shuttle::scheduler::DfsScheduler::new(Some(MOST), false);
    shuttle::Runner::new(scheduler, config).run(scenario);
    if RUNS.load(Relaxed) < MOST { "all pass" } else { "passes" }
}
