//! The page's claims, over every interleaving.

#[macro_use]
extern crate interleave as std; // in this file, and in the page that it takes in, std's threads are explored

#[path = "../src/lib.rs"]
mod page;

use interleave::{Check, Failed, Passed};
use page::{Buffer, OneBell};
use std::sync::Condvar;
use std::thread;

#[test]
fn the_buffer_is_never_over_full_and_loses_nothing() {
    for capacity in [1, 2] {
        let passed = Check::new().run(move || {
            let buffer = Buffer::new(capacity);
            let taken: u32 = thread::scope(|s| {
                let consumers = [(); 2].map(|()| s.spawn(|| buffer.take()));
                for item in [1, 20] {
                    let full = buffer.put(item);
                    assert!(full <= capacity, "{full} items in a buffer for {capacity}");
                }
                consumers.map(|consumer| consumer.join().unwrap()).iter().sum()
            });
            assert_eq!(taken, 21, "each item is taken once");
        });
        assert!(passed.is_complete() || passed.interruptions() >= Some(2), "{passed}");
    }
}

#[test]
fn a_full_buffer_makes_the_producer_wait() {
    let failed = Check::new().try_run(|| {
        let buffer = Buffer::new(1);
        buffer.put(1);
        buffer.put(2);
    });
    assert!(failed.unwrap_err().headline().contains("wait"), "nobody takes, so the second put never returns");
}

#[test]
fn without_a_loop_a_spurious_wakeup_finds_nothing() {
    let take_one = |wakeups| {
        Check::new().wakeups(wakeups).try_run(|| {
            let buffer = Buffer::new(1);
            thread::scope(|s| {
                s.spawn(|| assert!(buffer.take_with_if().is_some(), "woken, and the buffer is empty"));
                buffer.put(1);
            });
        })
    };
    assert!(take_one(1).unwrap_err().to_string().contains("spurious"));
    assert!(take_one(0).is_ok(), "it is the spurious wakeup that breaks it");
}

fn one_bell(ring: fn(&Condvar)) -> Result<Passed, Failed> {
    Check::new().wakeups(0).try_run(move || {
        let buffer = OneBell::new(1);
        thread::scope(|s| {
            s.spawn(|| buffer.take(ring));
            s.spawn(|| buffer.take(ring));
            buffer.put(1, ring);
            buffer.put(2, ring);
        });
    })
}

#[test]
fn one_bell_needs_notify_all() {
    let failed = one_bell(Condvar::notify_one).unwrap_err();
    assert!(failed.headline().contains("wait"), "{failed}");
    one_bell(Condvar::notify_all).unwrap();
}
