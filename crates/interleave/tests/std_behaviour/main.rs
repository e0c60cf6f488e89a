//! What std's documentation promises, outside of a check and in every interleaving of one.
//!
//! The promises are in behaviours.rs. `tests/std_behaviour_by_std.rs` runs the same file with the real std: a promise
//! that std itself does not keep is none.

#![allow(missing_docs)]

#[macro_use]
extern crate interleave as std; // in this test, std's threads are explored

mod behaviours;

/// Runs `f` outside of a check, and then in every interleaving.
#[track_caller]
fn both(f: fn()) {
    f();
    if let Err(failed) = interleave::Check::new().runs(5_000).try_run(f) {
        panic!("outside of a check it holds: {failed}");
    }
}
