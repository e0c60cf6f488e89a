// This is the finished check for exercise 11: change src/lib.rs, not this file.
//
// A static exists once, and all threads share it: the first thread sets the number, and the others get the same one. A
// thread-local exists once in each thread, and is initialized by its first use in that thread. The counter that hands out
// the numbers stays shared, since it has to know which numbers other threads have.
//
// This check runs your code under every interleaving of the workers' steps, or under several thousand if there are
// more than that. It shows the shortest interleaving that fails, as a table of your own lines.
// Run it with `cargo test -p ex11-thread-id`; read docs/11-thread-local.md.

#[macro_use]
extern crate interleave as std; // in this file and the modules it includes, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;
interleave::exercise!(); // no `unsafe`, no `extern`, at most 1 GiB of memory

#[cfg_attr(not(feature = "solution"), path = "../src/lib.rs")]
#[cfg_attr(feature = "solution", path = "../../../solutions/ex11-thread-id/src/lib.rs")]
mod thread_id;
#[allow(unused_imports)]
use thread_id::*; // so that `crate::` means the same here as in src/lib.rs

use interleave::Check;
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread::{self, Builder, JoinHandle};
use std::time::Duration;
use thread_id::my_id;

/// Starts a worker that asks for its number `times` times. The thread returns the numbers.
fn worker(name: &str, times: usize) -> JoinHandle<Vec<usize>> {
    let ask = move || (0..times).map(|_| my_id()).collect();
    Builder::new().name(name.into()).spawn(ask).unwrap()
}

/// One test, because all threads of the process share the numbers, including the threads of other tests.
#[test]
fn each_thread_has_a_number_of_its_own() {
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    Check::new().must_join().runs(5_000).run(two_at_a_time);
    // Where a number gets another digit, or a table is full.
    for earlier in [8, 9, 10, 11, 15, 16, 31, 32, 63, 64, 98, 99, 100, 127, 128, 254, 255, 256] {
        Check::new().must_join().runs(30).run(move || {
            let mut all: Vec<usize> = (0..earlier).map(|_| worker("Cem", 1).join().unwrap()[0]).collect();
            let last = ["Ann", "Bob"].map(|name| worker(name, 1));
            all.extend(last.map(|worker| worker.join().unwrap()[0]));
            let numbers: HashSet<usize> = all.iter().copied().collect();
            assert!(
                numbers.len() == all.len(),
                "{earlier} threads asked one after the other, then two at the same time, and two of them have the same number: {all:?}"
            );
        });
    }
    Check::new().must_join().runs(5_000).run(asking_twice);
    Check::new().must_join().runs(5_000).run(asking_often);
    Check::new().must_join().runs(5_000).run(one_after_the_other);
    Check::new().must_join().run(while_a_panic_is_under_way);
    thousands();
}

fn two_at_a_time() {
    let [ann, bob] = ["Ann", "Bob"].map(|name| worker(name, 1)).map(|worker| worker.join().unwrap()[0]);
    assert!(ann != bob, "Ann and Bob are two threads, but both have the number {ann}");
}

fn asking_twice() {
    let workers = ["Ann", "Bob"].map(|name| worker(name, 2));
    for (name, worker) in ["Ann", "Bob"].into_iter().zip(workers) {
        let numbers = worker.join().unwrap();
        let [first, second] = numbers[..] else { unreachable!("each worker asks twice") };
        assert!(
            first == second,
            "{name} asked twice, and got the number {first} the first time and {second} the second time"
        );
    }
}

fn asking_often() {
    let numbers = worker("Ann", 7).join().unwrap();
    let is_first = |number: &usize| *number == numbers[0];
    assert!(numbers.iter().all(is_first), "Ann asked 7 times, and got different numbers: {numbers:?}");
}

fn one_after_the_other() {
    // Ann has ended when Bob starts.
    let [ann, bob] = ["Ann", "Bob"].map(|name| worker(name, 1).join().unwrap()[0]);
    assert!(ann != bob, "Ann had the number {ann} and ended, and then Bob got the number {bob} again");
    let main = my_id();
    let nameless = thread::spawn(my_id).join().unwrap();
    let mut all = [main, ann, bob, nameless];
    all.sort_unstable();
    let given_twice = all.windows(2).find(|pair| pair[0] == pair[1]);
    assert!(given_twice.is_none(), "of four threads, two have the same number: {all:?}");
    thread::sleep(Duration::from_secs(1_000_000)); // the clock is virtual
    let again = my_id();
    assert!(main == again, "main got the number {main} at first and {again} later");
    // A name doesn't identify a thread: two threads may have the same name.
    let namesake = worker("Ann", 1).join().unwrap()[0];
    assert!(namesake != ann, "two threads are called Ann, and both have the number {ann}");
    let names = ["1", "2", "17", "worker 1", "worker 2", "thread 17", "ThreadId(1)", ""];
    let twice = names.iter().chain(&names);
    let mut numbers: Vec<usize> = twice.map(|name| worker(name, 1).join().unwrap()[0]).collect();
    numbers.sort_unstable();
    let given_twice = numbers.windows(2).find(|pair| pair[0] == pair[1]);
    assert!(
        given_twice.is_none(),
        "of the threads called {names:?}, two of each name, two have the same number: {numbers:?}"
    );
    let [first, second] = ["main"; 2].map(|name| worker(name, 1).join().unwrap()[0]);
    assert!(first != second, "two threads are called main, and both have the number {first}");
}

fn while_a_panic_is_under_way() {
    struct AsksAtTheEnd<'a>(&'a AtomicUsize);
    impl Drop for AsksAtTheEnd<'_> {
        fn drop(&mut self) {
            self.0.store(my_id(), SeqCst);
        }
    }
    let at_the_end = AtomicUsize::new(usize::MAX);
    let before = my_id();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _asks = AsksAtTheEnd(&at_the_end);
        panic!("a panic that is caught");
    }));
    assert!(panicked.is_err());
    let then = at_the_end.into_inner();
    assert!(before == then, "a thread had the number {before}, but got {then} while it unwound from a panic");
}

/// Explored threads and real ones would count in the same `static`, so only one test runs at a time.
static TURN: std::real::sync::Mutex<()> = std::real::sync::Mutex::new(());

/// Real threads, no longer explored: a number that is unique among a few threads may be repeated among many.
fn thousands() {
    let mine = my_id();
    let mut given = HashSet::from([mine]);
    for nth in 1..=2_100 {
        let thread = if nth % 3 == 0 { Builder::new() } else { Builder::new().name(format!("worker {nth}")) };
        let id = thread.spawn(my_id).unwrap().join().unwrap();
        assert!(
            given.insert(id),
            "of 2100 threads, one after the other, thread {nth} got the number {id} of an earlier thread"
        );
    }
    let now = my_id();
    assert!(mine == now, "a thread had the number {mine}, but {now} after 2100 other threads had ended");
}

/// The task as a specification, from which the scenarios are generated. The state is which
/// thread has which number.
#[test]
fn spec_explains_every_run() {
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    use interleave::spec::{Call, Spec};
    use std::collections::BTreeMap;

    let is_mine_alone = |numbers: &mut BTreeMap<usize, usize>, (): &(), call: Call, &number: &usize| {
        let mine = *numbers.entry(call.thread()).or_insert(number);
        mine == number && numbers.values().filter(|other| **other == number).count() == 1
    };
    Spec::new([()], |()| "the numbers of threads".into(), |()| (), |()| BTreeMap::new())
        .call_if([()], |()| "asks for its number".into(), |(), ()| my_id(), is_mine_alone)
        .also_at_the_end()
        .one_object()
        .check();
}
