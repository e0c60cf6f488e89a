//! Every thread has a token: `unpark` leaves it, `park` takes it, and sleeps while there is none.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::{self, Thread};

/// Wrong: counts on one wakeup per `unpark`. There is one token, not a pile.
pub fn two_jobs() {
    thread::park();
    thread::park();
}

/// Announces two jobs.
pub fn announce_twice(worker: &Thread) {
    worker.unpark();
    worker.unpark();
}

/// Right: checks the flag first, and again after every wakeup.
pub fn wait(ready: &AtomicBool) {
    while !ready.load(SeqCst) {
        thread::park();
    }
}

/// Sets the flag, then leaves the token.
pub fn announce(ready: &AtomicBool, worker: &Thread) {
    ready.store(true, SeqCst);
    worker.unpark();
}
