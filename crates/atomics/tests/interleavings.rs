//! The page's claims, over every interleaving and every value that a load may return.

#[macro_use]
extern crate interleave as std; // in this file, and in the page that it takes in, std's threads are explored

#[path = "../src/lib.rs"]
mod page;

use interleave::Check;
use page::{Orderings, RELAXED, RELEASE_ACQUIRE, claim, fetch_add, load_then_store, publish, raise_and_look};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

fn visited(visit: fn(&AtomicU32)) -> u32 {
    let visits = AtomicU32::new(0);
    thread::scope(|s| {
        s.spawn(|| visit(&visits));
        s.spawn(|| visit(&visits));
    });
    visits.into_inner()
}

#[test]
fn fetch_add_loses_no_visit_and_load_then_store_may() {
    assert!(Check::new().run(|| assert_eq!(visited(fetch_add), 2)).is_complete());
    let failed = Check::new()
        .try_run(|| assert_eq!(visited(|visits| load_then_store(visits, || ())), 2, "a visit is lost"));
    assert!(failed.unwrap_err().headline().contains("a visit is lost"));
}

#[test]
fn each_ticket_is_claimed_once() {
    let passed = Check::new().run(|| {
        let next = AtomicU32::new(0);
        let mut claimed = thread::scope(|s| {
            let claim_two = || [claim(&next, 3), claim(&next, 3)];
            let other = s.spawn(claim_two);
            [claim_two(), other.join().unwrap()].concat()
        });
        claimed.sort_unstable();
        assert_eq!(claimed, [None, Some(0), Some(1), Some(2)]);
    });
    assert!(passed.is_complete(), "{passed}");
}

#[test]
fn published_with_release_the_answer_comes_with_the_flag() {
    let seen = |how: Orderings| Check::new().try_run(move || assert_ne!(publish(how), Some(0), "too early"));
    assert!(seen(RELEASE_ACQUIRE).unwrap().is_complete());
    for (set, look) in [RELAXED, (RELEASE_ACQUIRE.0, RELAXED.1), (RELAXED.0, RELEASE_ACQUIRE.1)] {
        assert!(seen((set, look)).unwrap_err().headline().contains("too early"), "{set:?}, {look:?}");
    }
}

#[test]
fn of_two_who_raise_and_look_one_sees_the_other_with_seq_cst_only() {
    let seen = |how: Orderings| {
        Check::new().try_run(move || assert_ne!(raise_and_look(how), [false, false], "neither"))
    };
    assert!(seen((SeqCst, SeqCst)).unwrap().is_complete());
    assert!(seen(RELEASE_ACQUIRE).unwrap_err().headline().contains("neither"));
}
