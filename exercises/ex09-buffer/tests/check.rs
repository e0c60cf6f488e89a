// The check of exercise 9. It is finished: change src/lib.rs, not this file.
//
// Bakers put bread on a shelf, customers take it away. Bakers wait for room, customers for bread, and both on the same
// condition variable. `notify_one` wakes one of them, and it may be the wrong one: a customer who has taken the last
// loaf wakes another customer, who finds none and goes back to sleep. The notification is used up, and the baker it was
// meant for waits for ever.
//
// This check runs your code under every interleaving of their steps, or under some thousands of them if there are
// more, and shows the shortest one that goes wrong as a table of your own lines.
// Run it with `cargo test -p ex09-buffer`; read docs/09-condvar.md.

#![deny(deprecated)] // of files, sockets and the like: a check cannot follow them

#[macro_use]
extern crate interleave as std; // in this file, and in what it takes in, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;

mod buffer {
    include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs"));
}

use buffer::Buffer;
use interleave::Check;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::{Builder, JoinHandle};
use std::time::Instant;

/// A baker who puts these loaves on the shelf, one after the other.
fn baker(name: &str, shelf: &Arc<Buffer>, loaves: &'static [u32]) -> JoinHandle<()> {
    let shelf = Arc::clone(shelf);
    let bake = move || loaves.iter().for_each(|loaf| shelf.push(*loaf));
    Builder::new().name(name.into()).spawn(bake).unwrap()
}

/// A customer who takes so many loaves, and tells which.
fn customer(name: &str, shelf: &Arc<Buffer>, loaves: usize) -> JoinHandle<Vec<u32>> {
    let shelf = Arc::clone(shelf);
    let buy = move || (0..loaves).map(|_| shelf.pop()).collect();
    Builder::new().name(name.into()).spawn(buy).unwrap()
}

fn is_sold(made: &[u32], sold: Vec<Vec<u32>>) {
    let mut sold = sold.concat();
    sold.sort_unstable();
    assert!(sold == made, "the loaves {made:?} went onto the shelf, but the customers got {sold:?}");
}

#[test]
fn a_baker_and_two_customers() {
    Check::new().must_join().runs(3_000).run(|| {
        let shelf = Arc::new(Buffer::new(1));
        let customers = ["Ann", "Bob"].map(|name| customer(name, &shelf, 1));
        // One loaf at a time fits onto the shelf. Whoever waits for ever was not woken when it could have gone on.
        let baker = baker("baker", &shelf, &[1, 2]);
        let sold = customers.map(|customer| customer.join().unwrap());
        baker.join().unwrap();
        is_sold(&[1, 2], sold.into());
    });
}

#[test]
fn a_customer_and_two_bakers() {
    Check::new().must_join().runs(3_000).run(|| {
        let shelf = Arc::new(Buffer::new(1));
        let bakers = [baker("Cem", &shelf, &[1]), baker("Dee", &shelf, &[2])];
        let sold = customer("customer", &shelf, 2).join().unwrap();
        for baker in bakers {
            baker.join().unwrap();
        }
        is_sold(&[1, 2], vec![sold]);
    });
}

#[test]
fn as_many_loaves_as_there_are_customers() {
    Check::new().must_join().runs(3_000).run(|| {
        let shelf = Arc::new(Buffer::new(2));
        let customers = ["Ann", "Bob"].map(|name| customer(name, &shelf, 1));
        // There is room for both loaves at once: each of them is somebody's to be woken for.
        let baker = baker("baker", &shelf, &[1, 2]);
        let sold = customers.map(|customer| customer.join().unwrap());
        baker.join().unwrap();
        is_sold(&[1, 2], sold.into());
    });
}

#[test]
fn room_for_as_many_bakers() {
    Check::new().must_join().runs(3_000).run(|| {
        let shelf = Arc::new(Buffer::new(2));
        shelf.push(1);
        shelf.push(2);
        let bakers = [baker("Cem", &shelf, &[3]), baker("Dee", &shelf, &[4])];
        let sold = [shelf.pop(), shelf.pop()];
        for baker in bakers {
            baker.join().unwrap();
        }
        assert!(
            sold == [1, 2],
            "loaf 1 was on the shelf first, then loaf 2, but they were taken as {sold:?}"
        );
        is_sold(&[3, 4], vec![vec![shelf.pop(), shelf.pop()]]);
    });
}

#[test]
fn the_oldest_is_taken_first() {
    Check::new().must_join().runs(3_000).run(|| {
        let shelf = Arc::new(Buffer::new(2));
        let baker = baker("baker", &shelf, &[1, 2, 3]);
        let sold = customer("customer", &shelf, 3).join().unwrap();
        baker.join().unwrap();
        assert!(sold == [1, 2, 3], "the loaves went onto the shelf as 1, 2, 3, but were taken as {sold:?}");
    });
}

#[test]
fn whoever_finds_it_full_waits() {
    Check::new().must_join().runs(3_000).run(|| {
        let (shelf, is_in) = (Arc::new(Buffer::new(1)), Arc::new(AtomicBool::new(false)));
        shelf.push(1);
        let (full, put) = (Arc::clone(&shelf), Arc::clone(&is_in));
        let bake = move || {
            full.push(2);
            put.store(true, SeqCst);
        };
        let baker = Builder::new().name("baker".into()).spawn(bake).unwrap();
        let too_early = is_in.load(SeqCst);
        let sold = [shelf.pop(), shelf.pop()];
        baker.join().unwrap();
        assert!(!too_early, "the shelf has room for 1 loaf, but the baker put a second one there");
        assert!(sold == [1, 2], "loaf 1 was on the shelf and loaf 2 came later, but {sold:?} were taken");
    });
}

#[test]
fn waiting_is_not_looking_now_and_then() {
    // The clock is virtual. It moves only when every thread waits, so it stands when nobody waits for the clock.
    Check::new().must_join().wakeups(0).runs(3_000).run(|| {
        let start = Instant::now();
        let shelf = Arc::new(Buffer::new(1));
        let customer = customer("customer", &shelf, 2);
        shelf.push(1);
        shelf.push(2);
        customer.join().unwrap();
        let late = start.elapsed();
        assert!(
            late.is_zero(),
            "selling two loaves took {late:?} although nobody had to wait: somebody sleeps and looks now and then, instead of \
             being woken"
        );
    });
}
