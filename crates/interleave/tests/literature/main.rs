//! Programs from the literature, which no exercise names: right ones are accepted, wrong ones refused.
//!
//! Each program is plain std code, with the faults that are known of it as variants. A right program is checked with at most 5000 runs;
//! `INTERLEAVE_LONG=1` allows 200,000, which is every interleaving for most.

#![allow(missing_docs)]

#[macro_use]
extern crate interleave as std; // in this test, std's threads are explored

mod classics;
mod coordination;
mod lock_free;
mod mutual_exclusion;
mod reclamation;
mod spin_locks;

use interleave::{Check, Failed, Passed};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Condvar, Mutex};
use std::thread;

/// No interleaving of `program` fails.
#[track_caller]
fn right(program: impl Fn() + 'static) -> Passed {
    let runs = if std::env::var_os("INTERLEAVE_LONG").is_some() { 200_000 } else { 5_000 };
    match Check::new().runs(runs).try_run(program) {
        Ok(passed) => {
            println!("{}: right; {passed}", std::panic::Location::caller());
            passed
        }
        Err(failed) => panic!("a right program is refused: {failed}"),
    }
}

/// Some interleaving of `program` fails, and the report `says` how.
#[track_caller]
fn wrong(says: &str, program: impl Fn() + 'static) -> Failed {
    match Check::new().try_run(program) {
        Ok(passed) => panic!("a wrong program is accepted: {passed}"),
        Err(failed) => {
            let headline = failed.headline();
            assert!(headline.contains(says), "refused for another reason than \"{says}\": {failed}");
            let (runs, interruptions) = (failed.runs(), failed.interruptions());
            println!("{}: wrong; run {runs}, interruptions {interruptions}", std::panic::Location::caller());
            failed
        }
    }
}

const LOST: &str = "an increment is lost";
const FOR_EVER: &str = "forever";
const ENDLESS: &str = "never end";

/// So many threads add one each to a counter, which by itself orders nothing; `section` makes them exclude each other.
fn all_are_counted(threads: usize, section: impl Fn(usize, &dyn Fn()) + Sync) {
    let counter = AtomicUsize::new(0);
    let (counts, section) = (&counter, &section);
    thread::scope(|s| {
        for me in 0..threads {
            s.spawn(move || {
                section(me, &|| {
                    let seen = counts.load(Relaxed);
                    counts.store(seen + 1, Relaxed);
                });
            });
        }
    });
    assert_eq!(counter.into_inner(), threads, "{LOST}");
}

/// A counting semaphore (Dijkstra 1965), from std's parts.
struct Semaphore {
    permits: Mutex<usize>,
    freed: Condvar,
}

impl Semaphore {
    fn new(permits: usize) -> Self {
        Semaphore { permits: Mutex::new(permits), freed: Condvar::new() }
    }

    fn acquire(&self) {
        let mut permits = self.freed.wait_while(self.permits.lock().unwrap(), |n| *n == 0).unwrap();
        *permits -= 1;
    }

    fn try_acquire(&self) -> bool {
        let mut permits = self.permits.lock().unwrap();
        let free = *permits > 0;
        *permits -= usize::from(free);
        free
    }

    fn release(&self) {
        *self.permits.lock().unwrap() += 1;
        self.freed.notify_one();
    }
}
