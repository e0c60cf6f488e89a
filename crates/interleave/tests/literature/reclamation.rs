//! Readers that do not lock: seqlock, hazard flag, read-copy-update, initialisation that is checked twice.

use crate::{right, wrong};
use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, Ordering::*, fence};
use std::sync::{Arc, Mutex};
use std::thread;

/// H.-J. Boehm, "Can seqlocks get along with programming language memory models?", 2012.
#[derive(Clone, Copy)]
struct SeqLock {
    writer_fences: bool,
    reader_fences: bool,
    odd_is_refused: bool,
}

fn seqlock(with: SeqLock) {
    let (version, left, right) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let (left_half, right_half) = thread::scope(|s| {
        s.spawn(|| {
            version.store(1, Relaxed);
            if with.writer_fences {
                fence(Release); // who sees a half sees the odd version
            }
            left.store(1, Relaxed);
            right.store(1, Relaxed);
            version.store(2, Release);
        });
        loop {
            let before = version.load(Acquire);
            let halves = (left.load(Relaxed), right.load(Relaxed));
            if with.reader_fences {
                fence(Acquire); // what the halves tell, the next load heeds
            }
            if before == version.load(Relaxed) && (before % 2 == 0 || !with.odd_is_refused) {
                break halves;
            }
            spin_loop();
        }
    });
    assert_eq!(left_half, right_half, "torn");
}

const SEQLOCK: SeqLock = SeqLock { writer_fences: true, reader_fences: true, odd_is_refused: true };

#[test]
fn a_seqlock_reads_whole_values() {
    right(|| seqlock(SEQLOCK));
}

#[test]
fn a_seqlock_needs_both_fences_and_odd_versions() {
    wrong("torn", || seqlock(SeqLock { writer_fences: false, ..SEQLOCK }));
    wrong("torn", || seqlock(SeqLock { reader_fences: false, ..SEQLOCK }));
    wrong("torn", || seqlock(SeqLock { odd_is_refused: false, ..SEQLOCK }));
}

/// After M. M. Michael, "Hazard pointers", 2004: one reader, one writer, places for pointers.
fn hazard(order: (Ordering, Ordering), looks_again: bool) {
    const FREED: usize = 99;
    const NONE: usize = 2;
    let (current, in_use) = (AtomicUsize::new(0), AtomicUsize::new(NONE));
    let places = [AtomicUsize::new(10), AtomicUsize::new(11)];
    thread::scope(|s| {
        s.spawn(|| {
            let old = current.swap(1, SeqCst);
            while in_use.load(order.1) == old {
                spin_loop();
            }
            places[old].store(FREED, Relaxed);
        });
        let place = loop {
            let place = current.load(order.1);
            in_use.store(place, order.0);
            if !looks_again || current.load(order.1) == place {
                break place;
            }
        };
        assert_ne!(places[place].load(Relaxed), FREED, "read after it was freed");
        in_use.store(NONE, Release);
    });
}

#[test]
fn what_is_in_use_is_not_freed() {
    right(|| hazard((SeqCst, SeqCst), true));
}

#[test]
fn a_hazard_is_published_before_the_second_look() {
    wrong("after it was freed", || hazard((SeqCst, SeqCst), false));
    wrong("after it was freed", || hazard((Release, Acquire), true));
}

/// Read-copy-update (P. E. McKenney and J. D. Slingwine, 1998), with an `Arc` for the grace period.
fn read_copy_update(copies_under_the_lock: bool) {
    let current = Mutex::new(Arc::new((0, 0)));
    let update = || {
        if copies_under_the_lock {
            let mut current = current.lock().unwrap();
            *current = Arc::new((current.0 + 1, current.1 + 1));
        } else {
            let copy = Arc::clone(&current.lock().unwrap());
            *current.lock().unwrap() = Arc::new((copy.0 + 1, copy.1 + 1));
        }
    };
    thread::scope(|s| {
        s.spawn(update);
        s.spawn(update);
        let seen = Arc::clone(&current.lock().unwrap());
        assert_eq!(seen.0, seen.1, "a reader sees one version whole");
    });
    assert_eq!(**current.lock().unwrap(), (2, 2), "an update is lost");
}

#[test]
fn versions_are_replaced_whole_and_in_turn() {
    right(|| read_copy_update(true));
    wrong("an update is lost", || read_copy_update(false));
}

/// D. Schmidt and T. Harrison, "Double-checked locking", 1996; what was wrong with it: D. Bacon and others, 2000.
fn checked_twice(publishes: (Ordering, Ordering), under_the_lock_too: bool) {
    let (is_made, made, times) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let making = Mutex::new(());
    let get = || {
        if !is_made.load(publishes.1) {
            let _guard = making.lock().unwrap();
            if !under_the_lock_too || !is_made.load(Relaxed) {
                made.store(42, Relaxed);
                times.fetch_add(1, Relaxed);
                is_made.store(true, publishes.0);
            }
        }
        made.load(Relaxed)
    };
    thread::scope(|s| {
        let other = s.spawn(get);
        assert_eq!(get(), 42, "used before it was made");
        assert_eq!(other.join().unwrap(), 42, "used before it was made");
    });
    assert_eq!(times.into_inner(), 1, "made more than once");
}

#[test]
fn it_is_made_once_and_before_it_is_used() {
    right(|| checked_twice((Release, Acquire), true));
}

#[test]
fn to_check_twice_needs_orderings_and_the_second_check() {
    wrong("before it was made", || checked_twice((Relaxed, Relaxed), true));
    wrong("before it was made", || checked_twice((Release, Relaxed), true));
    wrong("more than once", || checked_twice((Release, Acquire), false));
}
