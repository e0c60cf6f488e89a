// The check of exercise 2. It is finished: change src/lib.rs, not this file.
//
// Visitors come in through two doors, and each door counts them. "Read the number" and "write it back, one higher" are
// two steps: if both doors read 7, both write 8, and one visitor is lost. The counter's type is atomic, but only each
// single operation is. Reading, changing and writing have to be one operation: a read-modify-write.
//
// This check runs your code under every interleaving of the doors' steps, or under some thousands of them if there
// are more, and shows the shortest one that goes wrong as a table of your own lines.
// Run it with `cargo test -p ex02-counter`; read docs/02-atomics.md.

#[macro_use]
extern crate interleave as std; // in this file, and in what it takes in, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;
interleave::exercise!(); // no `unsafe`, no `extern`, at most 1 GiB of memory

#[cfg_attr(not(feature = "solution"), path = "../src/lib.rs")]
#[cfg_attr(feature = "solution", path = "../../../solutions/ex02-counter/src/lib.rs")]
mod counter;
#[allow(unused_imports)]
use counter::*; // so that `crate::` means the same in src/lib.rs, here and there

use counter::Counter;
use interleave::Check;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

/// A door through which so many visitors come; it tells what the counter said after the last one.
fn door(name: &str, counter: &Arc<Counter>, visitors: usize) -> JoinHandle<usize> {
    let counter = Arc::clone(counter);
    let comes_in = move || {
        (0..visitors).for_each(|_| counter.add());
        counter.get()
    };
    Builder::new().name(format!("{name} door")).spawn(comes_in).unwrap()
}

#[test]
fn one_visitor_through_each_door() {
    Check::new().must_join().runs(5_000).run(|| {
        let counter = Arc::new(Counter::new());
        let doors = [door("front", &counter, 1), door("back", &counter, 1)];
        for door in doors {
            door.join().unwrap();
        }
        let count = counter.get();
        assert!(count == 2, "2 visitors came in, one through each door, but the counter says {count}");
    });
}

#[test]
fn several_visitors_through_each_door() {
    Check::new().must_join().runs(5_000).run(|| {
        let counter = Arc::new(Counter::new());
        let doors = [door("front", &counter, 2), door("back", &counter, 2)];
        let [front, back] = doors.map(|door| door.join().unwrap());
        let count = counter.get();
        assert!(count == 4, "2 + 2 visitors came in through two doors, but the counter says {count}");
        // Before the join, a door need not know of the other's visitors, but it does of its own, and of none too many.
        for (door, said) in [("front", front), ("back", back)] {
            assert!(
                said >= 2,
                "2 visitors came in through the {door} door, but then the counter said {said} there"
            );
            assert!(
                said <= 4,
                "2 + 2 visitors came in through two doors, but at the {door} door the counter said {said}"
            );
        }
    });
}

#[test]
fn a_door_that_never_asks_counts_too() {
    Check::new().must_join().runs(5_000).run(|| {
        let counter = Arc::new(Counter::new());
        let doors = [2, 1, 1].map(|visitors| {
            let counter = Arc::clone(&counter);
            Builder::new().spawn(move || (0..visitors).for_each(|_| counter.add())).unwrap()
        });
        for door in doors {
            door.join().unwrap();
        }
        let count = counter.get();
        assert!(
            count == 4,
            "2 + 1 + 1 visitors came in through three doors, whose threads called only add, but the counter says {count}"
        );
    });
}

#[test]
fn the_museum_and_the_cinema_count_apart() {
    Check::new().must_join().runs(5_000).run(|| {
        let (museum, cinema) = (Arc::new(Counter::new()), Arc::new(Counter::new()));
        door("museum", &museum, 1).join().unwrap();
        let counts = (museum.get(), cinema.get());
        assert!(
            counts.1 == 0,
            "a visitor of the museum was counted in the cinema too: are the counters one and the same?"
        );
        assert!(counts.0 == 1, "1 visitor came into the museum, but its counter says {}", counts.0);
    });
    // One doorkeeper counts for both.
    Check::new().must_join().run(|| {
        let (museum, cinema) = (Counter::new(), Counter::new());
        museum.add();
        cinema.add();
        museum.add();
        let counts = [cinema.get(), museum.get(), cinema.get()];
        assert!(
            counts == [1, 2, 1],
            "one thread counted 2 visitors of the museum and 1 of the cinema, but the counters say {} and {}",
            counts[1],
            counts[2]
        );
    });
}

#[test]
fn twenty_doors_are_open_at_once() {
    Check::new().must_join().in_turns().run(|| {
        let counter = Arc::new(Counter::new());
        let doors: Vec<_> = (1..=20).map(|number| door(&number.to_string(), &counter, 1)).collect();
        for door in doors {
            door.join().unwrap();
        }
        let count = counter.get();
        assert!(
            count == 20,
            "20 visitors came in, each through a door of their own, but the counter says {count}"
        );
    });
}

#[test]
fn there_is_room_for_300_visitors() {
    Check::new().must_join().run(|| {
        let counter = Arc::new(Counter::new());
        let count = door("front", &counter, 300).join().unwrap();
        assert!(count == 300, "300 visitors came in through the front door, but the counter says {count}");
    });
}

#[test]
fn no_visitor_is_missing_for_a_moment() {
    // 255 is the largest number of eight bits.
    Check::new().must_join().run(|| {
        let counter = Arc::new(Counter::new());
        (0..255).for_each(|_| counter.add());
        let door = door("front", &counter, 1);
        let count = counter.get();
        door.join().unwrap();
        assert!(
            count == 255 || count == 256,
            "255 visitors were inside and one more came in, but meanwhile the counter said {count}"
        );
    });
}

#[test]
fn whoever_is_overtaken_again_and_again_counts_too() {
    // While one door takes a step, the other one takes several: for as long as visitors come there, it is always faster.
    Check::new().must_join().in_turns().run(|| {
        let counter = Arc::new(Counter::new());
        let doors = [door("front", &counter, 1), door("back", &counter, 150)];
        for door in doors {
            door.join().unwrap();
        }
        let count = counter.get();
        assert!(
            count == 151,
            "1 visitor came in through the front door and 150 through the back door, but the counter says {count}: does add give up \
             when the other door is faster again and again?"
        );
    });
}

/// The task as a specification: the state of a counter is a number. The scenarios are
/// made up from it.
#[test]
fn spec_explains_every_run() {
    use interleave::spec::Spec;

    Spec::new([()], |()| "a counter".into(), |()| Counter::new(), |()| 0)
        .names(["front door", "back door", "side door", "cellar door"])
        .call(
            [()],
            |()| "adds a visitor".into(),
            |counter, ()| counter.add(),
            |visitors, (), _| *visitors += 1,
        )
        .call([()], |()| "reads the count".into(), |counter, ()| counter.get(), |visitors, (), _| *visitors)
        .may_be_stale()
        .also_at_the_end()
        .must_join()
        .check();
}
