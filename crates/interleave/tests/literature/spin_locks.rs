//! Locks that spin: test-and-set, tickets, queues; and one that parks.

use crate::{ENDLESS, FOR_EVER, LOST, all_are_counted, right, wrong};
use std::hint::spin_loop;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, Ordering::*};
use std::thread;

fn test_and_set(threads: usize, taking: Ordering, giving: Ordering) {
    let taken = AtomicBool::new(false);
    all_are_counted(threads, |_, add| {
        while taken.swap(true, taking) {
            spin_loop();
        }
        add();
        taken.store(false, giving);
    });
}

#[test]
fn a_test_and_set_lock_excludes() {
    right(|| test_and_set(2, Acquire, Release));
    right(|| test_and_set(3, Acquire, Release));
}

#[test]
fn a_test_and_set_lock_acquires_and_releases() {
    wrong(LOST, || test_and_set(2, Relaxed, Release));
    wrong(LOST, || test_and_set(2, Acquire, Relaxed));
}

/// L. Rudolph and Z. Segall, "Dynamic decentralized cache schemes", 1984: looks before it writes.
fn test_test_and_set(tries_at_once: bool) {
    let taken = AtomicBool::new(false);
    all_are_counted(2, |_, add| {
        if tries_at_once {
            while taken.compare_exchange_weak(false, true, Acquire, Relaxed).is_err() {
                while taken.load(Relaxed) {
                    spin_loop();
                }
            }
        } else {
            while taken.load(SeqCst) {
                spin_loop();
            }
            taken.store(true, SeqCst);
        }
        add();
        taken.store(false, Release);
    });
}

#[test]
fn to_test_and_to_set_are_one_step() {
    right(|| test_test_and_set(true));
    wrong(LOST, || test_test_and_set(false));
}

/// J. M. Mellor-Crummey and M. L. Scott, "Algorithms for scalable synchronization", 1991, section 2.2.
fn tickets(threads: usize, draws_at_once: bool, calls: Ordering) {
    let (next, serving) = (AtomicUsize::new(0), AtomicUsize::new(0));
    all_are_counted(threads, |_, add| {
        let mine = if draws_at_once {
            next.fetch_add(1, Relaxed) // who has which number orders nothing else
        } else {
            let mine = next.load(SeqCst);
            next.store(mine + 1, SeqCst);
            mine
        };
        while serving.load(Acquire) != mine {
            spin_loop();
        }
        add();
        serving.store(mine + 1, calls);
    });
}

#[test]
fn tickets_are_served_in_turn() {
    right(|| tickets(2, true, Release));
    right(|| tickets(3, true, Release));
}

#[test]
fn two_must_not_have_the_same_ticket() {
    wrong(ENDLESS, || tickets(2, false, Release)); // or neither, once the number is past
    wrong(LOST, || tickets(2, true, Relaxed));
}

/// T. S. Craig, "Building FIFO and priority-queueing spin locks", 1993; also Landin and Hagersten: CLH, by indices.
fn clh(threads: usize, joins: Ordering, says_so_first: bool) {
    // The last place is the one that nobody stands on.
    let waits: Vec<AtomicBool> = (0..=threads).map(|_| AtomicBool::new(false)).collect();
    let tail = AtomicUsize::new(threads);
    all_are_counted(threads, |me, add| {
        if says_so_first {
            waits[me].store(true, Relaxed); // the exchange publishes it
        }
        let before_me = tail.swap(me, joins);
        if !says_so_first {
            waits[me].store(true, Relaxed);
        }
        while waits[before_me].load(Acquire) {
            spin_loop();
        }
        add();
        waits[me].store(false, Release);
    });
}

#[test]
fn a_clh_queue_excludes() {
    right(|| clh(2, AcqRel, true));
    right(|| clh(3, AcqRel, true));
}

#[test]
fn a_clh_queue_publishes_that_one_waits() {
    wrong(LOST, || clh(2, Relaxed, true));
    wrong(LOST, || clh(2, AcqRel, false));
}

const NOBODY: usize = usize::MAX;

/// The MCS lock of the same paper as the tickets, by indices.
struct Mcs {
    tail: AtomicUsize,
    next: [AtomicUsize; 3],
    waits: [AtomicBool; 3],
}

impl Mcs {
    fn new() -> Self {
        let nobody = || AtomicUsize::new(NOBODY);
        Mcs { tail: nobody(), next: [nobody(), nobody(), nobody()], waits: Default::default() }
    }

    fn lock(&self, me: usize) {
        self.next[me].store(NOBODY, Relaxed);
        self.waits[me].store(true, Relaxed);
        let before_me = self.tail.swap(me, AcqRel);
        if before_me != NOBODY {
            self.next[before_me].store(me, Release);
            while self.waits[me].load(Acquire) {
                spin_loop();
            }
        }
    }

    fn unlock(&self, me: usize) {
        if self.next[me].load(Acquire) == NOBODY {
            if self.tail.compare_exchange(me, NOBODY, Release, Relaxed).is_ok() {
                return;
            }
            while self.next[me].load(Acquire) == NOBODY {
                spin_loop();
            }
        }
        self.waits[self.next[me].load(Relaxed)].store(false, Release);
    }

    /// Takes "nobody has linked in yet" for "nobody comes".
    fn unlock_in_haste(&self, me: usize) {
        match self.next[me].load(Acquire) {
            NOBODY => {
                let _still_last = self.tail.compare_exchange(me, NOBODY, Release, Relaxed);
            }
            next => self.waits[next].store(false, Release),
        }
    }
}

fn mcs(threads: usize, unlock: fn(&Mcs, usize)) {
    let mcs = Mcs::new();
    all_are_counted(threads, |me, add| {
        mcs.lock(me);
        add();
        unlock(&mcs, me);
    });
}

#[test]
fn an_mcs_queue_excludes() {
    right(|| mcs(2, Mcs::unlock));
    right(|| mcs(3, Mcs::unlock));
}

#[test]
fn an_mcs_queue_waits_for_who_is_about_to_link_in() {
    wrong(ENDLESS, || mcs(2, Mcs::unlock_in_haste));
}

/// A mutex that parks whom it keeps waiting, as WebKit's parking lot does (F. Pizlo, 2016).
struct Parking {
    taken: AtomicBool,
    parked: Mutex<Vec<thread::Thread>>,
}

impl Parking {
    fn lock(&self, looks_again: bool) {
        while self.taken.swap(true, Acquire) {
            self.parked.lock().unwrap().push(thread::current());
            if looks_again && !self.taken.swap(true, Acquire) {
                return;
            }
            thread::park();
        }
    }

    fn unlock(&self, wakes_all: bool) {
        self.taken.store(false, Release);
        let mut parked = self.parked.lock().unwrap();
        let n = if wakes_all { parked.len() } else { parked.len().min(1) };
        parked.drain(..n).for_each(|thread| thread.unpark());
    }
}

fn parking(threads: usize, looks_again: bool, wakes_all: bool) {
    let lot = Parking { taken: AtomicBool::new(false), parked: Mutex::new(vec![]) };
    all_are_counted(threads, |_, add| {
        lot.lock(looks_again);
        add();
        lot.unlock(wakes_all);
    });
}

#[test]
fn a_parking_mutex_excludes_and_wakes() {
    right(|| parking(2, true, true));
    right(|| parking(3, true, true));
}

#[test]
fn who_parks_looks_again_after_queueing() {
    wrong(FOR_EVER, || parking(2, false, true));
}

#[test]
fn who_left_the_queue_by_luck_must_not_be_the_only_one_woken() {
    wrong(FOR_EVER, || parking(3, true, false));
}
