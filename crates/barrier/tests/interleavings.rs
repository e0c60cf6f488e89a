//! The page's claims, over every interleaving.

#[macro_use]
extern crate interleave as std; // in this file, and in the page that it takes in, std's threads are explored

#[path = "../src/lib.rs"]
mod page;

use interleave::Check;
use page::{After, arrive_after, arrive_whatever_happens, relay};
use std::sync::Barrier;
use std::thread;

#[test]
fn with_two_meetings_a_round_nobody_is_early_or_late_and_one_leads() {
    for (workers, rounds) in [(2, 3), (3, 1)] {
        let passed = Check::new().run(move || {
            let barrier = Barrier::new(workers);
            let met = relay(workers, rounds, |_, _| barrier.wait().is_leader());
            assert_eq!((met.misread, met.led), (0, 2 * rounds as usize));
        });
        assert!(passed.is_complete() || passed.interruptions() >= Some(2), "{passed}");
    }
}

#[test]
fn without_one_of_the_meetings_a_read_is_wrong() {
    for kept in [None, Some(After::Writing), Some(After::Reading)] {
        let failed = Check::new().try_run(move || {
            let barrier = Barrier::new(2);
            let met = relay(2, 2, |_, after| kept == Some(after) && barrier.wait().is_leader());
            assert_eq!(met.misread, 0, "a wrong read");
        });
        assert!(failed.unwrap_err().headline().contains("a wrong read"), "kept {kept:?}");
    }
}

fn one_of_two_panics(arrive: fn(&Barrier, Box<dyn FnOnce()>)) {
    let barrier = Barrier::new(2);
    thread::scope(|s| {
        let panics = s.spawn(|| arrive(&barrier, Box::new(|| panic!("worker 2 fails"))));
        let other = s.spawn(|| arrive(&barrier, Box::new(|| ())));
        assert!(panics.join().is_err() && other.join().is_ok());
    });
}

#[test]
fn whoever_panics_before_it_arrives_leaves_the_others_waiting() {
    let failed = Check::new().try_run(|| one_of_two_panics(arrive_after)).unwrap_err();
    assert!(failed.headline().contains("wait"), "{failed}");
}

#[test]
fn whoever_arrives_whatever_happens_does_not() {
    Check::new().run(|| one_of_two_panics(arrive_whatever_happens));
}
