//! The page's claims, over every interleaving.

#[macro_use]
extern crate interleave as std; // in this file, and in the page that it takes in, std's threads are explored

#[path = "../src/lib.rs"]
mod page;

use interleave::{Check, Ending, Failed, Passed, outcomes};
use page::{Cache, Get, let_in_before_the_writer, look_again, upgrade_in_place, write_without_looking};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Barrier, RwLock};
use std::thread;
use timeline::Lane;

fn two_find_it_empty(get: Get) -> Result<Passed, Failed> {
    Check::new().try_run(move || {
        let (cache, fetched) = (Cache::new(None), AtomicU32::new(0));
        let fetch = || 100 + fetched.fetch_add(1, SeqCst);
        let get = || get(&cache, &fetch, &Lane::off());
        let rates = thread::scope(|s| [s.spawn(get), s.spawn(get)].map(|reader| reader.join().unwrap()));
        assert_eq!(rates, [100, 100], "fetched twice");
        assert_eq!(get(), 100, "the cache is full now");
    })
}

#[test]
fn whoever_looks_again_fetches_once() {
    let passed = two_find_it_empty(look_again).unwrap();
    assert!(passed.is_complete(), "{passed}");
}

#[test]
fn whoever_does_not_look_again_may_fetch_twice() {
    assert!(two_find_it_empty(write_without_looking).unwrap_err().headline().contains("fetched twice"));
}

#[test]
fn a_reader_that_waits_to_write_waits_for_itself() {
    let failed = Check::new().try_run(|| {
        upgrade_in_place(&Cache::new(None), &|| 100, &Lane::off());
    });
    assert!(failed.unwrap_err().to_string().contains("already holds"));
}

fn sum_of_two_reads(rate: &RwLock<u32>) -> u32 {
    let first = rate.read().unwrap();
    let second = rate.read().unwrap();
    *first + *second
}

#[test]
fn a_second_read_may_wait_for_a_writer_that_waits_for_the_first() {
    let beside = |writer: fn(&RwLock<u32>)| {
        Check::new().try_run(move || {
            let rate = RwLock::new(100);
            thread::scope(|s| {
                s.spawn(|| writer(&rate));
                sum_of_two_reads(&rate);
            });
        })
    };
    assert!(beside(|_| ()).is_ok());
    assert!(beside(|rate| *rate.write().unwrap() += 1).unwrap_err().headline().starts_with("deadlock"));
}

#[test]
fn however_many_readers_come_all_of_them_or_none_may_go_before_the_writer() {
    for readers in 1..=3 {
        let ways = outcomes(move || let_in_before_the_writer(readers));
        assert!(ways.is_complete());
        let let_in: Vec<_> = ways.rows().iter().map(|row| row.ending.clone()).collect();
        assert_eq!(let_in, (0..=readers).map(Ending::Returned).collect::<Vec<_>>());
    }
}

#[test]
fn readers_can_be_inside_together_and_a_writer_is_alone() {
    Check::new().run(|| {
        let (rate, both_inside) = (RwLock::new(100), Barrier::new(2));
        thread::scope(|s| {
            for _ in 0..2 {
                s.spawn(|| {
                    let seen = rate.read().unwrap();
                    both_inside.wait();
                    drop(seen);
                });
            }
        });
        let writer = rate.write().unwrap();
        assert!(rate.try_read().is_err() && rate.try_write().is_err());
        drop(writer);
    });
}
