// The check of exercise 11. It is finished: change src/lib.rs, not this file.
//
// A static exists once, and all threads share it: whoever comes first sets the number, and the others get the same. A
// thread-local exists once in each thread: its first use in a thread initialises that thread's own. The counter that hands
// out the numbers stays shared, since it has to know what it has given to others.
//
// This check runs your code under every interleaving of the workers' steps, or under some thousands of them if
// there are more, and shows the shortest one that goes wrong as a table of your own lines.
// Run it with `cargo test -p ex11-thread-id`; read docs/11-thread-local.md.

#![deny(deprecated)] // of files, sockets and the like: a check cannot follow them

#[macro_use]
extern crate interleave as std; // in this file, and in what it takes in, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;

mod thread_id {
    include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs"));
}

use interleave::Check;
use std::thread::{self, Builder, JoinHandle};
use thread_id::my_id;

/// A worker who asks for its number so many times.
fn worker(name: &str, times: usize) -> JoinHandle<Vec<usize>> {
    let ask = move || (0..times).map(|_| my_id()).collect();
    Builder::new().name(name.into()).spawn(ask).unwrap()
}

#[test]
fn each_worker_has_a_number_of_its_own() {
    Check::new().must_join().runs(5_000).run(|| {
        let [ann, bob] = ["Ann", "Bob"].map(|name| worker(name, 1)).map(|worker| worker.join().unwrap()[0]);
        assert!(ann != bob, "Ann and Bob are two threads, but both have the number {ann}");
    });
}

#[test]
fn numbers_stay_the_same() {
    Check::new().must_join().runs(5_000).run(|| {
        let workers = ["Ann", "Bob"].map(|name| worker(name, 2));
        for (name, worker) in ["Ann", "Bob"].into_iter().zip(workers) {
            let numbers = worker.join().unwrap();
            let [first, second] = numbers[..] else { unreachable!("it asks twice") };
            assert!(
                first == second,
                "{name} asked twice, and had the number {first} at first and {second} later"
            );
        }
    });
}

#[test]
fn numbers_are_not_given_again() {
    Check::new().must_join().runs(5_000).run(|| {
        // One after the other: Ann has ended when Bob starts, and the names tell nothing.
        let ann = worker("worker", 1).join().unwrap()[0];
        let bob = worker("worker", 1).join().unwrap()[0];
        assert!(ann != bob, "two threads of the same name, one after the other, both have the number {ann}");
        let main = my_id();
        let nameless = thread::spawn(my_id).join().unwrap();
        let mut all = [main, ann, bob, nameless];
        all.sort_unstable();
        let given_twice = all.windows(2).find(|pair| pair[0] == pair[1]);
        assert!(given_twice.is_none(), "of four threads, two have the same number: {all:?}");
        let again = my_id();
        assert!(main == again, "main had the number {main} at first and {again} later");
    });
}
