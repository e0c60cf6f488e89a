//! Checks the memo of `src/lib.rs`, and a hasty one that computes a value twice.

#[macro_use]
extern crate interleave as std; // in this file, and in what it takes in, std's threads are explored

#[path = "../src/lib.rs"]
mod memo;

use interleave::{Check, must_not_wait};
use memo::Memo;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread::{self, Builder, JoinHandle};

fn named<T: Send + 'static>(name: &str, f: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    Builder::new().name(name.into()).spawn(f).unwrap()
}

#[test]
fn two_threads_that_ask_for_a_key_have_it_computed_once() {
    interleave::check(|| {
        let (memo, computed) = (Arc::new(Memo::new()), Arc::new(AtomicU32::new(0)));
        let threads = ["Ann", "Bob"].map(|name| {
            let (memo, computed) = (Arc::clone(&memo), Arc::clone(&computed));
            named(name, move || memo.get("key", || computed.fetch_add(1, SeqCst)))
        });
        for thread in threads {
            assert_eq!(thread.join().unwrap(), 0, "both threads get the same value");
        }
        assert_eq!(computed.load(SeqCst), 1, "the value is computed once");
    });
}

#[test]
fn to_compute_one_value_may_take_another() {
    interleave::check(|| {
        let memo = Memo::new();
        assert_eq!(memo.get(2, || memo.get(1, || 1) + 1), 2);
    });
}

#[test]
fn a_thread_that_asks_for_another_key_does_not_wait() {
    interleave::check(|| {
        let memo = Arc::new(Memo::new());
        let theirs = Arc::clone(&memo);
        let slow = named("slow", move || theirs.get("slow", || thread::park()));
        must_not_wait(|| memo.get("fast", || ()));
        slow.thread().unpark();
        slow.join().unwrap();
    });
}

/// A memo that looks, releases its lock, and then computes: two steps.
struct Hasty {
    cached: Mutex<Option<u32>>,
}

impl Hasty {
    fn new() -> Self {
        Hasty { cached: Mutex::new(None) }
    }

    fn get(&self, compute: impl FnOnce() -> u32) -> u32 {
        if let Some(value) = *self.cached.lock().unwrap() {
            return value;
        }
        let value = compute();
        *self.cached.lock().unwrap() = Some(value);
        value
    }
}

/// The report stands in the README, so it's held against it here.
#[test]
fn the_hasty_memo_is_reported_as_the_readme_shows() {
    let failed = Check::new().try_run(|| {
        let (memo, computed) = (Arc::new(Hasty::new()), Arc::new(AtomicU32::new(0)));
        let threads = ["Ann", "Bob"].map(|name| {
            let (memo, computed) = (Arc::clone(&memo), Arc::clone(&computed));
            named(name, move || memo.get(|| computed.fetch_add(1, SeqCst)))
        });
        let _values = threads.map(|thread| thread.join().unwrap());
        assert!(computed.load(SeqCst) == 1, "the value was computed twice");
    });
    let report = failed.expect_err("it computes twice").to_string();
    let readme = include_str!("../../README.md").replace("\r\n", "\n");
    assert!(readme.contains(report.trim_end()), "README.md should show:\n{report}");
}
