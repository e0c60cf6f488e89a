// This is the finished check for exercise 13: change src/lib.rs, not this file.
//
// Ten thousand pages are to be fetched, sixteen at a time. The first answer to arrive need not be the first page's, so each
// result has to go back to its item's place. A thread for each page would mean ten thousand threads at once, so a few
// workers take one item after the other. They must not hold the list's lock while they work, or only one of them works at
// a time. And if the function panics for one item, the caller must be told instead of getting fewer results.
//
// This check runs your code under every interleaving of the workers' steps, or under several thousand if there are
// more than that. It shows the shortest interleaving that fails, as a table of your own lines.
// Run it with `cargo test -p ex13-map`; read docs/13-overlap-io.md.

#[macro_use]
extern crate interleave as std; // in this file and the modules it includes, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;
interleave::exercise!(); // no `unsafe`, no `extern`, at most 1 GiB of memory

#[cfg_attr(not(feature = "solution"), path = "../src/lib.rs")]
#[cfg_attr(feature = "solution", path = "../../../solutions/ex13-map/src/lib.rs")]
mod parallel;
#[allow(unused_imports)]
use parallel::*; // so that `crate::` means the same here as in src/lib.rs

use interleave::Check;
use parallel::map;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Condvar, Mutex};
use std::thread::{current, sleep};
use std::time::{Duration, Instant};

/// Returns the most items that were worked on at once.
fn most_at_once(items: usize, workers: usize) -> usize {
    let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    map((0..items).collect(), workers, |_item| {
        most.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
        // The clock is virtual: it moves only when every thread waits, so all workers that can start do so before the first one ends.
        sleep(Duration::from_secs(1));
        running.fetch_sub(1, SeqCst);
    });
    most.load(SeqCst)
}

/// What it means if a thread waits forever in these tests.
const STUCK: &str = "all items are there from the beginning, so no thread should wait for more";

#[test]
fn each_result_is_where_its_item_was() {
    Check::new().must_join().must_sleep().takes_no_time().stuck_means(STUCK).runs(3_000).run(|| {
        // Not Copy and not Clone: each item can be used only once.
        struct Page(u32);
        let results = map(vec![Page(1), Page(2), Page(3)], 2, |page: Page| page.0 * 10);
        assert!(
            results == [10, 20, 30],
            "the results for the pages 1, 2, 3 are 10, 20, 30, but map returned {results:?}"
        );
    });
    // However many items and workers there are, each item is worked on once.
    for (items, workers) in [(1, 1), (5, 1), (12, 5), (40, 3), (3, 40)] {
        Check::new().must_join().stuck_means(STUCK).wakeups(0).runs(100).run(move || {
            let calls = AtomicUsize::new(0);
            let results = map((1..=items).collect(), workers, |item: u32| {
                calls.fetch_add(1, SeqCst);
                item * 10
            });
            let expected: Vec<u32> = (1..=items).map(|item| item * 10).collect();
            let calls = calls.load(SeqCst);
            assert!(
                results == expected,
                "the result for each item from 1 to {items} is ten times the item, but a map with {workers} workers returned {results:?}"
            );
            assert!(calls == expected.len(), "there are {items} items, but the function was called {calls} times");
        });
    }
}

#[test]
fn hundreds_of_items_keep_their_order() {
    Check::new().must_join().stuck_means(STUCK).wakeups(0).runs(20).run(|| {
        let results = map((0..600).collect(), 2, |item: u32| item + 1);
        let wrong = (0..600).find(|&at| results.get(at as usize) != Some(&(at + 1)));
        assert!(wrong.is_none(), "of 600 items, the one at {wrong:?} has another item's result or none");
    });
}

#[test]
fn a_call_within_a_call_waits_for_no_other() {
    Check::new().must_join().stuck_means(STUCK).wakeups(0).runs(500).run(|| {
        let results = map(vec![1, 2], 2, |item: u32| map(vec![item, 10 * item], 1, |item| item + 1));
        assert!(
            results == [[2, 11], [3, 21]],
            "the two inner maps return [2, 11] and [3, 21], but the outer map returned {results:?}"
        );
    });
}

/// Returns how long it takes to sleep for `seconds` seconds, item by item.
fn time_for(seconds: Vec<u64>, workers: usize) -> Duration {
    let start = Instant::now();
    map(seconds, workers, |seconds| sleep(Duration::from_secs(seconds)));
    start.elapsed()
}

/// Returns the number of threads that work on `items` items.
fn threads_used(items: usize, workers: usize) -> usize {
    let threads = Mutex::new(vec![]);
    map((0..items).collect(), workers, |_item| {
        let me = current().id();
        let mut threads = threads.lock().unwrap();
        if !threads.contains(&me) {
            threads.push(me);
        }
    });
    threads.into_inner().unwrap().len()
}

#[test]
fn so_many_workers_work_at_once() {
    let check = || Check::new().must_join().stuck_means(STUCK).wakeups(0).runs(1_000);
    let at_once = |items, workers| {
        move || {
            let most = most_at_once(items, workers);
            let of = if workers == 1 { "1 worker" } else { &format!("{workers} workers") };
            assert!(most <= workers, "a map with {of} worked on {most} items at once");
            assert!(
                most == workers,
                "there were {items} items and {of}, but at most {most} worked at once: what did the others wait for?"
            );
        }
    };
    check().run(at_once(3, 2));
    check().run(at_once(4, 3));
    check().run(at_once(2, 1));
    check().run(at_once(2, 2));
    check().run(at_once(3, 3));
    check().runs(50).run(at_once(8, 6));
    check().runs(3).run(at_once(50, 50));
    check().runs(1).run(at_once(40, 2));
    check().run(|| {
        let used = threads_used(3, 2);
        assert!(
            used <= 2,
            "a map with 2 workers used {used} threads for 3 items: start only 2 threads, and let each take one item after the other"
        );
    });
    check().run(|| {
        // While one worker has the slow item, the other does the rest: 1 + 3 seconds, whichever end the workers begin at.
        let took = time_for(vec![1, 1, 3, 1, 1], 2);
        assert!(
            took == Duration::from_secs(4),
            "2 workers can do items of 1, 1, 3, 1 and 1 seconds in 4 seconds, but they took {took:?}: did a worker wait for the slow item?"
        );
    });
    check().in_turns().run(|| {
        let took = time_for(vec![1; 42], 2);
        assert!(
            took == Duration::from_secs(21),
            "2 workers can do 42 items of a second each in 21 seconds, but they took {took:?}: did one worker have no item while the other still had several?"
        );
    });
    check().in_turns().run(|| {
        let took = time_for([vec![10], vec![1; 10]].concat(), 2);
        assert!(
            took == Duration::from_secs(10),
            "while one worker has an item of 10 seconds, the other can do 10 of a second each, but they took {took:?} instead of 10 s"
        );
    });
}

#[test]
fn a_slow_item_holds_up_no_other() {
    let stuck = "all workers but one have a slow item, which takes until all others are done: the last worker must do them";
    for (items, workers) in [(5, 2), (16, 2), (40, 2), (9, 3), (12, 4)] {
        for first in 0..items {
            Check::new().must_join().stuck_means(stuck).wakeups(0).runs(4).run(move || {
                let (others, done) = (Mutex::new(0), Condvar::new());
                map((0..items).collect(), workers, |item| {
                    let mut others = others.lock().unwrap();
                    if (first..first + workers - 1).contains(&item) {
                        let slow = (workers - 1).min(items - first);
                        drop(done.wait_while(others, |others| *others < items - slow).unwrap());
                    } else {
                        *others += 1;
                        done.notify_all();
                    }
                });
            });
        }
    }
}

#[test]
fn more_workers_than_items_and_none_at_all() {
    Check::new().must_join().stuck_means(STUCK).runs(2_000).run(|| {
        let results = map(vec![7], 2, |item| item * 10);
        assert!(
            results == [70],
            "the result for the only item is 70, but a map with 2 workers returned {results:?}"
        );
        let results = map(Vec::<u32>::new(), 2, |item| item * 10);
        assert!(results.is_empty(), "there was no item, but map returned {results:?}");
    });
}

#[test]
fn the_caller_hears_of_a_panic() {
    let check = || {
        Check::new()
            .must_join()
            .stuck_means("the function panicked, and the result that this thread waits for will never arrive")
    };
    check().runs(3_000).run(|| {
        let double = |item: u32| {
            assert!(item != 2, "item 2 fails, and map must pass the panic on instead of waiting forever");
            item * 10
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| map(vec![1, 2, 3], 2, double)));
        assert!(
            outcome.is_err(),
            "the function panicked for item 2 of 3, but map returned {:?} as if nothing had happened",
            outcome.unwrap()
        );
    });
    check().runs(300).run(|| {
        let outcome = catch_unwind(AssertUnwindSafe(|| map(vec![1, 2, 3], 2, |item: u32| std::panic::panic_any(item))));
        assert!(outcome.is_err(), "the function panicked with a number instead of a message, but map returned as if nothing had happened");
    });
    // In the end there may be no worker left while there are still items.
    let none_works = |items: u32, workers| {
        move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                map((1..=items).collect(), workers, |item| -> u32 {
                    panic!("item {item} fails, and map must pass the panic on instead of waiting forever")
                })
            }));
            assert!(
                outcome.is_err(),
                "the function panicked for each of {items} items, but map returned {:?} as if nothing had happened",
                outcome.unwrap()
            );
        }
    };
    check().runs(2_000).run(none_works(4, 1));
    check().runs(2_000).run(none_works(6, 2));
    check().wakeups(0).runs(1).run(none_works(256, 1));
    check().wakeups(0).runs(1).run(none_works(256, 2));
    check().wakeups(0).runs(50).run(move || {
        none_works(2, 2)();
        let results = map(vec![1, 2, 3], 2, |item| item + 1);
        assert!(
            results == [2, 3, 4],
            "one map passed a panic on, and the next map, whose function doesn't panic, returned {results:?}"
        );
    });
}
