//! A value that is made once cannot ask for itself while it is being made. Chapter 6 shows these functions.

#[macro_use]
extern crate interleave as std; // in this file, std's threads and locks are explored

use interleave::Check;
use std::sync::OnceLock;
use std::thread;

fn rate(made: &OnceLock<u32>) -> u32 {
    *made.get_or_init(|| rate_after_fee(made))
}

fn rate_after_fee(made: &OnceLock<u32>) -> u32 {
    rate(made) - 1
}

fn rate_from_a_thread(made: &OnceLock<u32>) -> u32 {
    *made.get_or_init(|| thread::scope(|s| s.spawn(|| rate(made)).join().unwrap()))
}

#[test]
fn a_value_that_needs_itself_is_never_made() {
    for make in [rate, rate_from_a_thread] {
        let tried = Check::new().try_run(move || {
            make(&OnceLock::new());
        });
        let failed = tried.unwrap_err();
        assert!(failed.headline().contains("wait"), "{failed}");
    }
}
