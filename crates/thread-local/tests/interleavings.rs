//! The page's claims: of the pool over every interleaving, of SQLite on real threads.

#[macro_use]
extern crate interleave as std; // in this file, and in the page that it takes in, std's threads are explored

#[path = "../src/pool.rs"]
mod pool;

use interleave::{Check, real};
use pool::Pool;
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;
use thread_local::{Connection, mine};

#[test]
fn what_is_lent_is_lent_to_one_thread() {
    for items in [1, 2] {
        let passed = Check::new().run(move || {
            let pool = Pool::new((0..items).map(|_| AtomicU32::new(0)).collect());
            thread::scope(|s| {
                for _ in 0..3 {
                    s.spawn(|| {
                        let item = pool.lend();
                        assert_eq!(item.fetch_add(1, SeqCst), 0, "lent to two threads at once");
                        item.fetch_sub(1, SeqCst);
                    });
                }
            });
        });
        assert!(passed.is_complete() || passed.interruptions() >= Some(2), "{passed}");
    }
}

#[test]
fn two_items_can_be_lent_at_once() {
    Check::new().run(|| {
        let (pool, both_have_one) = (Pool::new(vec![(), ()]), std::sync::Barrier::new(2));
        let borrow = || {
            let item = pool.lend();
            both_have_one.wait();
            drop(item);
        };
        thread::scope(|s| (0..2).for_each(|_| drop(s.spawn(borrow))));
    });
}

#[test]
fn a_thread_local_starts_afresh_in_each_thread_and_is_dropped_with_it() {
    thread_local! {
        static COUNT: Cell<u32> = const { Cell::new(0) };
        static LAST: Cell<Option<Dropped>> = const { Cell::new(None) };
    }
    static DROPPED: AtomicU32 = AtomicU32::new(0);
    struct Dropped;
    impl Drop for Dropped {
        fn drop(&mut self) {
            DROPPED.fetch_add(1, SeqCst);
        }
    }
    Check::new().run(|| {
        let threads = [(); 2].map(|()| {
            thread::spawn(|| {
                assert_eq!(COUNT.replace(7), 0, "another thread's value");
                LAST.set(Some(Dropped));
            })
        });
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(DROPPED.load(SeqCst), 2, "the destructors have run when join returns");
    });
}

#[test]
fn each_thread_keeps_its_own_connection() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("visits.db");
    let numbers =
        |name: &str| [(); 3].map(|()| mine(&file, |own| own.note(name).map(|_| own.number)).unwrap());
    let (first, second) = real::thread::scope(|s| {
        let [first, second] = ["first", "second"].map(|name| s.spawn(move || numbers(name)));
        (first.join().unwrap(), second.join().unwrap())
    });
    assert!(first == [first[0]; 3] && second == [second[0]; 3], "{first:?} {second:?}");
    assert_ne!(first[0], second[0]);
    assert_eq!(Connection::open(&file).unwrap().note("after").unwrap(), 7, "six rows came before");
}

#[test]
fn a_file_that_is_no_database_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Connection::open(folder.path()).is_err());
}
