//! Every stable name of `std::sync`, `std::thread` and `std::time` is there, with the types it has in std.
//!
//! The names are in names.rs. `tests/std_names_by_std.rs` compiles the same file with the real std.

#![allow(missing_docs, unsafe_code)]

#[macro_use]
extern crate interleave as std; // in this test, std's threads are explored

mod names;

/// Runs `f` outside of a check, and then in one.
#[track_caller]
fn both(f: fn()) {
    f();
    if let Err(failed) = interleave::Check::new().wakeups(0).runs(1_000).try_run(f) {
        panic!("outside of a check it holds: {failed}");
    }
}
