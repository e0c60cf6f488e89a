//! `std::process`, where the end of the process is reported, and is never a success.

use crate::watchdog::die;
use std::panic::Location;

pub use std::process::*;

/// As std's, but says where it was called, and always fails.
#[track_caller]
pub fn exit(code: i32) -> ! {
    ends(&format!("std::process::exit({code})"))
}

/// As std's, but says where it was called.
#[track_caller]
pub fn abort() -> ! {
    ends("std::process::abort()")
}

#[track_caller]
fn ends(call: &str) -> ! {
    let place = crate::report::place(Location::caller());
    die("exit", &format!("{call} at {place} ends the whole process, and the check with it"))
}
