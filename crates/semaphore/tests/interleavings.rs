//! The page's claims, over every interleaving.

#[macro_use]
extern crate interleave as std; // in this file, and in the page that it takes in, std's threads are explored

#[path = "../src/lib.rs"]
mod page;

use interleave::Check;
use page::{Semaphore, all_at_once};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

#[test]
fn no_more_are_inside_than_there_are_permits_and_everybody_gets_in() {
    for (clients, permits) in [(2, 1), (3, 2)] {
        let passed = Check::new().runs(10_000).run(move || {
            let (semaphore, inside) = (Semaphore::new(permits), AtomicUsize::new(0));
            let served = AtomicUsize::new(0);
            all_at_once(clients, |_| {
                let permit = semaphore.acquire();
                let now = inside.fetch_add(1, SeqCst) + 1;
                assert!(now <= permits, "{now} are inside");
                inside.fetch_sub(1, SeqCst);
                drop(permit);
                served.fetch_add(1, SeqCst);
            });
            assert_eq!((served.into_inner(), semaphore.free()), (clients, permits));
        });
        assert!(passed.is_complete() || passed.interruptions() >= Some(2), "{passed}");
    }
}

#[test]
fn two_can_be_inside_at_once() {
    // Otherwise a Mutex would pass for a semaphore.
    Check::new().run(|| {
        let (semaphore, both_inside) = (Semaphore::new(2), std::sync::Barrier::new(2));
        all_at_once(2, |_| {
            let _permit = semaphore.acquire();
            both_inside.wait();
        });
    });
}

#[test]
fn a_panic_gives_the_permit_back() {
    Check::new().run(|| {
        let semaphore = Semaphore::new(1);
        let unlucky = AssertUnwindSafe(|| {
            let _permit = semaphore.acquire();
            panic!("the connection broke");
        });
        assert!(catch_unwind(unlucky).is_err());
        assert_eq!(semaphore.free(), 1);
    });
}

#[test]
fn trying_takes_a_free_permit_and_never_waits() {
    Check::new().run(|| {
        let semaphore = Semaphore::new(1);
        let permit = semaphore.try_acquire().expect("one is free");
        thread::scope(|s| s.spawn(|| assert!(semaphore.try_acquire().is_none())).join().unwrap());
        drop(permit);
        assert!(semaphore.try_acquire().is_some());
    });
}
