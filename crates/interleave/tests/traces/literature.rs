//! Programs whose number of traces is known: the search needs exactly that many runs.

use crate::passes;
use interleave::sync::atomic::{AtomicUsize, Ordering::*};
use interleave::sync::{Arc, Barrier, Condvar, Mutex, OnceLock, RwLock, mpsc};
use interleave::{Check, thread};
use std::cell::Cell;
use std::rc::Rc;

/// The programs that the benchmark measures in larger sizes.
mod families {
    mod given {
        pub use interleave::sync::atomic::AtomicUsize;
        pub use interleave::sync::{Arc, Mutex};
        pub use interleave::thread;
    }
    use given::{Arc, AtomicUsize, Mutex, thread};
    use std::sync::atomic::Ordering::SeqCst;
    include!("../../bench/families.rs");
}
use families::{filesystem, independent, indexer, lastzero, locks, readers};

/// How many runs it takes to try all interleavings: how often the scenario really ran.
fn runs(scenario: impl Fn() + 'static) -> usize {
    let count = Rc::new(Cell::new(0));
    let counted = {
        let count = Rc::clone(&count);
        move || {
            count.set(count.get() + 1);
            scenario();
        }
    };
    // Where spurious events could happen, the traces with them would count too.
    let passed = passes(Check::new().wakeups(0), counted);
    assert!(passed.is_complete(), "{passed}");
    assert_eq!(passed.runs(), count.get());
    count.get()
}

/// As many threads do this.
fn all(n: usize, f: impl Fn(usize) + Send + Sync + 'static) {
    let f = Arc::new(f);
    let start = |me| {
        let f = Arc::clone(&f);
        thread::spawn(move || f(me))
    };
    let threads: Vec<_> = (0..n).map(start).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// In how many orders `n` things can be done.
fn factorial(n: usize) -> usize {
    (1..=n).product()
}

#[test]
fn each_reader_reads_before_or_after_the_write() {
    for n in 1..=8 {
        assert_eq!(runs(move || readers(n)), 1 << n, "{n} readers");
    }
    // A lock for readers is shared by those who read.
    for n in 1..=6 {
        let lock = move || {
            let lock = RwLock::new(0);
            all(
                n + 1,
                move |me| if me == 0 { *lock.write().unwrap() += 1 } else { drop(lock.read().unwrap()) },
            );
        };
        assert_eq!(runs(lock), 1 << n, "{n} readers of a lock");
    }
}

#[test]
fn the_last_zero_is_looked_for_in_as_many_traces_as_published() {
    assert_eq!([2, 3, 5, 7, 10].map(|n| runs(move || lastzero(n))), [5, 12, 64, 320, 3_328]);
}

#[test]
fn a_hash_table_is_one_trace_until_two_messages_meet() {
    assert_eq!([1, 2, 11, 12, 13].map(|n| runs(move || indexer(n))), [1, 1, 1, 8, 64]);
}

#[test]
fn a_file_system_is_one_trace_until_two_inodes_want_the_same_block() {
    assert_eq!([2, 13, 14, 16, 18, 19].map(|n| runs(move || filesystem(n))), [1, 1, 2, 8, 32, 64]);
}

#[test]
fn a_lock_is_taken_in_every_order() {
    let sizes = [(2, 1), (2, 4), (2, 6), (3, 2), (3, 3), (4, 2)];
    assert_eq!(sizes.map(|(n, k)| runs(move || locks(n, k))), [2, 70, 924, 90, 1_680, 2_520]);
}

#[test]
fn what_no_two_threads_share_is_one_trace() {
    assert_eq!([(2, 8), (4, 8), (8, 8)].map(|(n, k)| runs(move || independent(n, k))), [1, 1, 1]);
}

#[test]
fn steps_that_change_the_same_thing_happen_in_every_order() {
    for n in 1..=5 {
        let add = move || {
            let count = AtomicUsize::new(0);
            all(n, move |_| _ = count.fetch_add(1, Relaxed));
        };
        let send = move || {
            let (sender, receiver) = mpsc::channel();
            all(n, move |me| sender.send(me).unwrap());
            assert_eq!(receiver.iter().count(), n);
        };
        let meet = move || {
            let barrier = Barrier::new(n);
            all(n, move |_| _ = barrier.wait());
        };
        assert_eq!(runs(add), factorial(n), "{n} threads add");
        assert_eq!(runs(send), factorial(n), "{n} threads send");
        assert_eq!(runs(meet), factorial(n), "{n} threads meet");
    }
}

#[test]
fn only_which_thread_is_the_first_matters_to_a_cell_that_is_set_once() {
    for n in 1..=5 {
        let set = move || {
            let cell = OnceLock::new();
            all(n, move |me| _ = cell.get_or_init(|| me));
        };
        assert_eq!(runs(set), n, "{n} threads");
    }
}

/// Of `n` waiters some check before the flag is set, and wait. Everyone takes the lock once in some order, and those that waited
/// once more in another: the sum over all splits, for every order in which the lock is taken.
#[test]
fn waiters_are_woken_in_every_order() {
    let wait = |n: usize| {
        move || {
            let shared = (Mutex::new(false), Condvar::new());
            all(n + 1, move |me| {
                let (is_set, changed) = &shared;
                let mut is_set = is_set.lock().unwrap();
                if me == 0 {
                    *is_set = true;
                    changed.notify_all();
                } else {
                    drop(changed.wait_while(is_set, |is_set| !*is_set).unwrap());
                }
            });
        }
    };
    // With w early waiters: w! orders before the flag is set, and n! after it, in which the w that waited and the others mix.
    let orders = |n: usize| (0..=n).map(|w| factorial(n) / factorial(n - w) * factorial(n)).sum::<usize>();
    for n in 1..=3 {
        assert_eq!(runs(wait(n)), orders(n), "{n} waiters");
    }
}

#[test]
fn what_is_ordered_anyway_is_one_trace() {
    let x = || Arc::new(AtomicUsize::new(0));
    let store = |x: &Arc<AtomicUsize>, n| {
        let x = Arc::clone(x);
        thread::spawn(move || x.store(n, SeqCst))
    };
    let starts = move || {
        let x = x();
        x.store(1, SeqCst);
        store(&x, 2).join().unwrap();
        x.store(3, SeqCst);
    };
    let one_after_the_other = move || {
        let x = x();
        store(&x, 1).join().unwrap();
        store(&x, 2).join().unwrap();
    };
    let joins_for_another = move || {
        let x = x();
        let first = store(&x, 1);
        thread::spawn(move || first.join().unwrap()).join().unwrap();
        x.store(2, SeqCst);
    };
    let scope = move || {
        let x = x();
        thread::scope(|s| _ = s.spawn(|| x.store(1, SeqCst)));
        x.store(2, SeqCst);
    };
    assert_eq!(runs(starts), 1);
    assert_eq!(runs(one_after_the_other), 1);
    assert_eq!(runs(joins_for_another), 1);
    assert_eq!(runs(scope), 1);
}

#[test]
fn what_changes_nothing_is_one_trace() {
    let fails = || {
        let count = AtomicUsize::new(0);
        all(3, move |_| assert_eq!(count.compare_exchange(7, 8, SeqCst, SeqCst), Err(0)));
    };
    let nobody_waits = || {
        let changed = Condvar::new();
        all(3, move |me| if me == 0 { changed.notify_one() } else { changed.notify_all() });
    };
    let is_set = || {
        let cell = OnceLock::from(0);
        all(3, move |me| assert_eq!(cell.set(me), Err(me)));
    };
    assert_eq!(runs(fails), 1);
    assert_eq!(runs(nobody_waits), 1);
    assert_eq!(runs(is_set), 1);
}
