//! Mutual exclusion by loads and stores alone: Peterson, Dekker, Lamport's bakery.

use crate::{ENDLESS, LOST, all_are_counted, right, wrong};
use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, Ordering::*};

/// G. L. Peterson, "Myths about the mutual exclusion problem", 1981.
struct Peterson {
    wants: [AtomicBool; 2],
    turn: AtomicUsize,
    /// Of the stores and of the loads.
    orders: (Ordering, Ordering),
}

impl Peterson {
    fn new(orders: (Ordering, Ordering)) -> Self {
        Peterson { wants: Default::default(), turn: AtomicUsize::new(0), orders }
    }

    fn lock(&self, me: usize) {
        self.wants[me].store(true, self.orders.0);
        self.turn.store(1 - me, self.orders.0);
        self.wait(me);
    }

    fn lock_turn_first(&self, me: usize) {
        self.turn.store(1 - me, self.orders.0);
        self.wants[me].store(true, self.orders.0);
        self.wait(me);
    }

    /// A. Williams' version: the exchange orders what the stores around it do not.
    fn lock_by_exchange(&self, me: usize) {
        self.wants[me].store(true, Relaxed);
        self.turn.swap(1 - me, AcqRel);
        self.wait(me);
    }

    fn wait(&self, me: usize) {
        while self.wants[1 - me].load(self.orders.1) && self.turn.load(self.orders.1) != me {
            spin_loop();
        }
    }

    fn unlock(&self, me: usize) {
        self.wants[me].store(false, self.orders.0);
    }
}

fn peterson(orders: (Ordering, Ordering), lock: fn(&Peterson, usize)) {
    let peterson = Peterson::new(orders);
    all_are_counted(2, |me, add| {
        lock(&peterson, me);
        add();
        peterson.unlock(me);
    });
}

#[test]
fn peterson_excludes() {
    right(|| peterson((SeqCst, SeqCst), Peterson::lock));
    right(|| peterson((Release, Acquire), Peterson::lock_by_exchange));
}

#[test]
fn peterson_needs_one_order_of_all_stores() {
    wrong(LOST, || peterson((Release, Acquire), Peterson::lock));
    wrong(LOST, || peterson((Relaxed, Relaxed), Peterson::lock));
}

#[test]
fn peterson_says_that_it_wants_before_it_gives_way() {
    wrong(LOST, || peterson((SeqCst, SeqCst), Peterson::lock_turn_first));
}

/// T. J. Dekker's algorithm, after E. W. Dijkstra, "Cooperating sequential processes", 1965.
fn dekker(orders: (Ordering, Ordering), polite: bool) {
    let wants: [AtomicBool; 2] = Default::default();
    let turn = AtomicUsize::new(0);
    all_are_counted(2, |me, add| {
        let other = 1 - me;
        wants[me].store(true, orders.0);
        while wants[other].load(orders.1) {
            if polite && turn.load(orders.1) == other {
                wants[me].store(false, orders.0);
                while turn.load(orders.1) == other {
                    spin_loop();
                }
                wants[me].store(true, orders.0);
            }
        }
        add();
        turn.store(other, orders.0);
        wants[me].store(false, orders.0);
    });
}

#[test]
fn dekker_excludes() {
    right(|| dekker((SeqCst, SeqCst), true));
}

#[test]
fn dekker_needs_sequential_consistency() {
    wrong(LOST, || dekker((Release, Acquire), true));
}

#[test]
fn dekker_has_to_give_way() {
    wrong(ENDLESS, || dekker((SeqCst, SeqCst), false));
}

/// L. Lamport, "A new solution of Dijkstra's concurrent programming problem", 1974.
fn bakery(threads: usize, says_that_it_chooses: bool) {
    let choosing: Vec<AtomicBool> = (0..threads).map(|_| AtomicBool::new(false)).collect();
    let number: Vec<AtomicUsize> = (0..threads).map(|_| AtomicUsize::new(0)).collect();
    all_are_counted(threads, |me, add| {
        if says_that_it_chooses {
            choosing[me].store(true, SeqCst);
        }
        let others = || (0..threads).filter(|&other| other != me);
        let mine = 1 + others().map(|other| number[other].load(SeqCst)).max().unwrap();
        number[me].store(mine, SeqCst);
        choosing[me].store(false, SeqCst);
        for other in others() {
            while choosing[other].load(SeqCst) {
                spin_loop();
            }
            loop {
                let theirs = number[other].load(SeqCst);
                if theirs == 0 || (mine, me) < (theirs, other) {
                    break;
                }
                spin_loop();
            }
        }
        add();
        number[me].store(0, SeqCst);
    });
}

#[test]
fn the_bakery_serves_one_at_a_time() {
    right(|| bakery(2, true));
}

#[test]
fn the_bakery_has_to_know_who_is_still_choosing() {
    wrong(LOST, || bakery(2, false));
}
