//! The promises of std_behaviour/behaviours.rs, kept by the real std.

#![allow(missing_docs)]

#[path = "std_behaviour/behaviours.rs"]
mod behaviours;

fn both(f: fn()) {
    f();
}
