//! The programs of `wild-bugs` under interleave: `cargo bench -p interleave-bench --bench wild_interleave`.

#![allow(missing_docs)]

#[macro_use]
extern crate interleave as std;

use interleave::real;

#[path = "../../wild-bugs/src/lib.rs"]
#[allow(dead_code)]
mod bugs;

include!("wild.rs");

const TOOLS: &[&str] = &["interleave"];

fn check(_: &str, scenario: fn()) -> &'static str {
    match interleave::Check::new().try_run(counted(scenario)) {
        Ok(passed) if passed.is_complete() => "all pass",
        Ok(_) => "passes",
        Err(failed) => panic!("{}", failed.headline()),
    }
}
