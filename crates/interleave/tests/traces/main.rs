//! How many runs a check takes, and what it says of them: one run for each class of equivalent interleavings, and no claim
//! beyond what was tried.

#![allow(missing_docs)]

mod claims;
mod counts;
mod literature;
mod races;

use interleave::{Check, Passed};

fn passes(check: Check, scenario: impl Fn() + 'static) -> Passed {
    check.try_run(scenario).unwrap_or_else(|failed| panic!("{failed}"))
}
