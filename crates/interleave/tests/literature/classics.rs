//! The problems of the textbooks, most as A. B. Downey's "Little book of semaphores" (2016) tells them.

use crate::{ENDLESS, FOR_EVER, Semaphore, right, wrong};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Barrier, Condvar, Mutex};
use std::thread;

const EACH_OTHER: &str = "for each other";

/// E. W. Dijkstra's dining philosophers, 1965: each eats once, with the fork on either side.
fn philosophers(n: usize, eats: impl Fn(usize, &Mutex<u32>, &Mutex<u32>) + Sync) {
    let forks: Vec<Mutex<u32>> = (0..n).map(|_| Mutex::new(0)).collect();
    let (forks, eats) = (&forks, &eats);
    thread::scope(|s| {
        for me in 0..n {
            s.spawn(move || eats(me, &forks[me], &forks[(me + 1) % n]));
        }
    });
    let uses: u32 = forks.iter().map(|fork| *fork.lock().unwrap()).sum();
    assert_eq!(uses as usize, 2 * n, "each fork is used twice");
}

fn use_both(left: &Mutex<u32>, right: &Mutex<u32>) {
    let mut left = left.lock().unwrap();
    let mut right = right.lock().unwrap();
    *left += 1;
    *right += 1;
}

fn back_off(left: &Mutex<u32>, right: &Mutex<u32>, between: fn()) {
    loop {
        let mut left = left.lock().unwrap();
        if let Ok(mut right) = right.try_lock() {
            *left += 1;
            *right += 1;
            return;
        }
        drop(left);
        between();
    }
}

#[test]
fn philosophers_who_all_begin_on_the_left_starve() {
    wrong(EACH_OTHER, || philosophers(3, |_, left, right| use_both(left, right)));
    wrong(EACH_OTHER, || philosophers(2, |_, left, right| use_both(left, right)));
}

#[test]
fn philosophers_eat_if_one_begins_on_the_right() {
    right(|| {
        philosophers(
            3,
            |me, left, right| if me == 2 { use_both(right, left) } else { use_both(left, right) },
        );
    });
}

#[test]
fn philosophers_eat_if_a_waiter_seats_all_but_one() {
    right(|| {
        let seats = Semaphore::new(2);
        philosophers(3, |_, left, right| {
            seats.acquire();
            use_both(left, right);
            seats.release();
        });
    });
}

#[test]
fn philosophers_eat_if_they_back_off() {
    right(|| philosophers(2, |_, left, right| back_off(left, right, thread::yield_now)));
    right(|| philosophers(3, |_, left, right| back_off(left, right, thread::yield_now)));
    right(|| philosophers(3, |_, left, right| back_off(left, right, || ())));
}

#[test]
fn philosophers_who_keep_the_left_fork_while_they_try_never_eat() {
    wrong(ENDLESS, || {
        philosophers(2, |_, left, right| {
            let mut left = left.lock().unwrap();
            loop {
                if let Ok(mut right) = right.try_lock() {
                    *left += 1;
                    *right += 1;
                    return;
                }
                thread::yield_now();
            }
        });
    });
}

/// P. J. Courtois, F. Heymans and D. L. Parnas, "Concurrent control with readers and writers", 1971.
#[derive(Default)]
struct Room {
    /// Readers inside, or -1 for a writer.
    inside: Mutex<i32>,
    left: Condvar,
}

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    Nothing,
    LooksOnce,
    WakesOne,
    ForgetsReaders,
}

impl Room {
    fn enter(&self, fault: Fault, may_enter: fn(i32) -> bool, change: i32) {
        let mut inside = self.inside.lock().unwrap();
        if fault == Fault::LooksOnce {
            if !may_enter(*inside) {
                inside = self.left.wait(inside).unwrap();
            }
        } else {
            inside = self.left.wait_while(inside, |n| !may_enter(*n)).unwrap();
        }
        *inside += change;
    }

    fn leave(&self, fault: Fault, change: i32) {
        *self.inside.lock().unwrap() += change;
        if fault == Fault::WakesOne {
            self.left.notify_one();
        } else {
            self.left.notify_all();
        }
    }
}

fn readers_and_writers(readers: usize, writers: usize, fault: Fault) {
    let (room, value, writing) = (Room::default(), AtomicUsize::new(0), AtomicUsize::new(0));
    let may_write = if fault == Fault::ForgetsReaders { |n| n >= 0 } else { |n| n == 0 };
    thread::scope(|s| {
        for _ in 0..writers {
            s.spawn(|| {
                room.enter(fault, may_write, -1);
                assert_eq!(writing.swap(1, SeqCst), 0, "two writers at once");
                let seen = value.load(SeqCst);
                value.store(seen + 1, SeqCst);
                writing.store(0, SeqCst);
                room.leave(fault, 1);
            });
        }
        for _ in 0..readers {
            s.spawn(|| {
                room.enter(fault, |n| n >= 0, 1);
                assert_eq!(writing.load(SeqCst), 0, "a reader beside a writer");
                room.leave(fault, -1);
            });
        }
    });
    assert_eq!(value.into_inner(), writers, "a write is lost");
}

#[test]
fn readers_share_and_writers_do_not() {
    right(|| readers_and_writers(1, 1, Fault::Nothing));
    right(|| readers_and_writers(2, 1, Fault::Nothing));
    right(|| readers_and_writers(1, 2, Fault::Nothing));
}

#[test]
fn readers_and_writers_look_again_and_count_each_other() {
    wrong("a reader beside a writer", || readers_and_writers(1, 1, Fault::LooksOnce));
    wrong("beside", || readers_and_writers(2, 1, Fault::ForgetsReaders));
}

#[test]
fn who_leaves_may_wake_one_only() {
    // Whoever leaves last wakes somebody who may enter, and who leaves later: nobody is forgotten.
    right(|| readers_and_writers(1, 2, Fault::WakesOne));
    right(|| readers_and_writers(2, 2, Fault::WakesOne));
}

/// E. W. Dijkstra's sleeping barber, 1965: one chair; who finds it taken leaves.
fn barber(customers: usize, stays_for: usize, looks_and_sits_at_once: bool) {
    let (chair, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let (visited, sits, is_shorn) = (Semaphore::new(0), Semaphore::new(0), Semaphore::new(0));
    let sits_down = || {
        if looks_and_sits_at_once {
            return chair.compare_exchange(0, 1, SeqCst, SeqCst).is_ok();
        }
        let is_free = chair.load(SeqCst) == 0;
        if is_free {
            chair.fetch_add(1, SeqCst);
        }
        is_free
    };
    thread::scope(|s| {
        for _ in 0..customers {
            s.spawn(|| {
                let stays = sits_down();
                if stays {
                    sits.release();
                }
                visited.release();
                if stays {
                    is_shorn.acquire();
                }
            });
        }
        s.spawn(|| {
            for _ in 0..stays_for {
                visited.acquire();
                if sits.try_acquire() {
                    most.fetch_max(chair.fetch_sub(1, SeqCst), SeqCst);
                    is_shorn.release();
                }
            }
        });
    });
    assert!(most.into_inner() <= 1, "two on one chair");
}

#[test]
fn the_barber_serves_who_sits() {
    right(|| barber(1, 1, true));
    right(|| barber(2, 2, true));
}

#[test]
fn the_barber_has_one_chair() {
    wrong("two on one chair", || barber(2, 2, false));
}

#[test]
fn a_barber_who_closes_early_leaves_somebody_sitting() {
    wrong(FOR_EVER, || barber(2, 1, true));
}

/// G. R. Andrews' dining savages, 1991: whoever finds the pot empty wakes the cook, and waits.
fn savages(n: usize, servings: usize, one_at_the_pot: bool) {
    let (pot, at_the_pot) = (Mutex::new(0_usize), Mutex::new(()));
    let (is_empty, is_full) = (Semaphore::new(0), Semaphore::new(0));
    thread::scope(|s| {
        for _ in 0..n {
            s.spawn(|| {
                let _turn = one_at_the_pot.then(|| at_the_pot.lock().unwrap());
                if *pot.lock().unwrap() == 0 {
                    is_empty.release();
                    is_full.acquire();
                }
                let mut pot = pot.lock().unwrap();
                assert!(*pot > 0, "eats from an empty pot");
                *pot -= 1;
            });
        }
        s.spawn(|| {
            for _ in 0..n.div_ceil(servings) {
                is_empty.acquire();
                *pot.lock().unwrap() = servings;
                is_full.release();
            }
        });
    });
}

#[test]
fn savages_eat_what_the_cook_has_cooked() {
    right(|| savages(2, 1, true));
    right(|| savages(2, 2, true));
}

#[test]
fn savages_look_into_the_pot_one_by_one() {
    wrong(FOR_EVER, || savages(2, 2, false));
}

/// S. S. Patil's cigarette smokers, 1971: D. L. Parnas' pushers, against smokers who take what they can get.
fn smokers(with_pushers: bool) {
    let [tobacco, paper, matches] = [(); 3].map(|()| Semaphore::new(0));
    let (smoker_of_matches, smoker_of_paper) = (Semaphore::new(0), Semaphore::new(0));
    let table = Mutex::new((false, false, false));
    let done = Semaphore::new(0);
    thread::scope(|s| {
        // The agent puts down tobacco and paper: only the smoker who has matches can smoke.
        s.spawn(|| {
            tobacco.release();
            paper.release();
            done.acquire();
            matches.release(); // the day is over: tobacco and matches for the other one
            tobacco.release();
            done.acquire();
        });
        if with_pushers {
            s.spawn(|| {
                for _ in 0..2 {
                    tobacco.acquire();
                    push(&table, 0, &smoker_of_matches, &smoker_of_paper);
                }
            });
            s.spawn(|| {
                paper.acquire();
                push(&table, 1, &smoker_of_matches, &smoker_of_paper);
                matches.acquire();
                push(&table, 2, &smoker_of_matches, &smoker_of_paper);
            });
            s.spawn(|| {
                smoker_of_matches.acquire();
                done.release();
                smoker_of_paper.acquire();
                done.release();
            });
        } else {
            s.spawn(|| {
                tobacco.acquire();
                paper.acquire();
                done.release();
            });
            s.spawn(|| {
                tobacco.acquire(); // takes it from who could have smoked
                matches.acquire();
                done.release();
            });
        }
    });
}

/// What lies on the table, and what comes: whoever completes a pair calls its smoker.
fn push(table: &Mutex<(bool, bool, bool)>, what: u8, has_matches: &Semaphore, has_paper: &Semaphore) {
    let mut table = table.lock().unwrap();
    match what {
        0 => table.0 = true,
        1 => table.1 = true,
        _ => table.2 = true,
    }
    if table.0 && table.1 {
        (table.0, table.1) = (false, false);
        has_matches.release();
    } else if table.0 && table.2 {
        (table.0, table.2) = (false, false);
        has_paper.release();
    }
}

#[test]
fn smokers_are_called_by_who_completes_a_pair() {
    right(|| smokers(true));
}

#[test]
fn smokers_who_take_what_they_get_wait_for_ever() {
    wrong(FOR_EVER, || smokers(false));
}

/// Building H2O (Andrews, 1991): two hydrogens and one oxygen leave together.
fn water(hydrogens: usize, only_two_enter: bool) {
    let (hydrogen, oxygen) = (Semaphore::new(2), Semaphore::new(1));
    let bond = Barrier::new(3);
    let bonded = AtomicUsize::new(0);
    let joins = |gate: Option<&Semaphore>| {
        if let Some(gate) = gate {
            gate.acquire();
        }
        bond.wait();
        bonded.fetch_add(1, SeqCst);
        bond.wait(); // the next molecule comes after this one
        if let Some(gate) = gate {
            gate.release();
        }
    };
    thread::scope(|s| {
        for _ in 0..hydrogens {
            s.spawn(|| joins(only_two_enter.then_some(&hydrogen)));
        }
        s.spawn(|| joins(Some(&oxygen)));
    });
    assert_eq!(bonded.into_inner(), 3);
}

#[test]
fn two_hydrogens_and_an_oxygen_bond() {
    right(|| water(2, true));
}

#[test]
fn three_hydrogens_leave_the_oxygen_behind() {
    wrong(FOR_EVER, || water(3, false));
}
