//! The page's claims, over every interleaving.

#[macro_use]
extern crate interleave as std; // in this file, and in the page that it takes in, std's threads are explored

#[path = "../src/lib.rs"]
mod page;

use interleave::Check;
use page::{Event, FlagOutside, Spinning};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

#[test]
fn an_event_is_never_missed_and_never_early() {
    let passed = Check::new().run(|| {
        let (started, ready) = (AtomicBool::new(false), Event::default());
        thread::scope(|s| {
            for _ in 0..2 {
                s.spawn(|| {
                    ready.wait();
                    assert!(started.load(SeqCst), "a worker went on before the server had started");
                });
            }
            started.store(true, SeqCst);
            ready.set();
        });
    });
    assert!(passed.is_complete(), "{passed}");
}

#[test]
fn a_flag_outside_of_the_lock_loses_a_wakeup() {
    let failed = Check::new().wakeups(0).try_run(|| {
        let ready = FlagOutside::default();
        thread::scope(|s| {
            s.spawn(|| ready.wait(|| ()));
            ready.set();
        });
    });
    assert!(failed.unwrap_err().to_string().contains("the notification is lost"));
}

#[test]
fn a_spinning_waiter_misses_nothing() {
    Check::new().run(|| {
        let ready = Spinning::default();
        thread::scope(|s| {
            s.spawn(|| ready.wait());
            ready.set();
        });
    });
}

#[test]
fn a_wait_with_a_time_out_tells_whether_it_was_set() {
    Check::new().run(|| {
        let ready = Event::default();
        assert!(!ready.wait_timeout(Duration::from_secs(1)));
        thread::scope(|s| {
            s.spawn(|| ready.set());
            let was_set = ready.wait_timeout(Duration::from_secs(1));
            assert!(!was_set || ready.is_set(), "it says set and is not");
        });
        assert!(ready.wait_timeout(Duration::ZERO));
        ready.clear();
        assert!(!ready.is_set() && !ready.wait_timeout(Duration::from_secs(1)));
    });
}
