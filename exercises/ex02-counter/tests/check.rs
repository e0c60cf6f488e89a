// This is the finished check for exercise 2: change src/lib.rs, not this file.
//
// Visitors come in through two doors, and both doors add to the same counter. Reading the number and writing it back plus
// one are two steps: if both doors read 7, both write 8, and one visitor is lost. The counter's type is atomic, but that
// makes only each single operation atomic. Reading, adding and writing must be one operation: a read-modify-write.
//
// This check runs your code under every interleaving of the doors' steps, or under several thousand if there are more
// than that. It shows the shortest interleaving that fails, as a table of your own lines.
// Run it with `cargo test -p ex02-counter`; read docs/02-atomics.md.

#[macro_use]
extern crate interleave as std; // in this file and the modules it includes, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;
interleave::exercise!(); // no `unsafe`, no `extern`, at most 1 GiB of memory

#[cfg_attr(not(feature = "solution"), path = "../src/lib.rs")]
#[cfg_attr(feature = "solution", path = "../../../solutions/ex02-counter/src/lib.rs")]
mod counter;
#[allow(unused_imports)]
use counter::*; // so that `crate::` means the same here as in src/lib.rs

use counter::Counter;
use interleave::Check;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

/// Starts a door through which `visitors` visitors come. The thread returns the count that it reads after the last one.
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
        // Before the join, a door need not see the other door's visitors. It must see its own, and never more than came in.
        for (door, said) in [("front", front), ("back", back)] {
            assert!(
                said >= 2,
                "2 visitors came in through the {door} door, but the count read there afterward was {said}"
            );
            assert!(
                said <= 4,
                "2 + 2 visitors came in through two doors, but the count read at the {door} door was {said}"
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
            "2 + 1 + 1 visitors came in through three doors (their threads called only add), but the counter says {count}"
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
            "a visitor to the museum was counted at the cinema too: do the two counters share one number?"
        );
        assert!(counts.0 == 1, "1 visitor came into the museum, but its counter says {}", counts.0);
    });
    // One thread counts for both.
    Check::new().must_join().run(|| {
        let (museum, cinema) = (Counter::new(), Counter::new());
        museum.add();
        cinema.add();
        museum.add();
        let counts = [cinema.get(), museum.get(), cinema.get()];
        assert!(
            counts == [1, 2, 1],
            "one thread counted 2 visitors to the museum and 1 to the cinema, but the counters say {} and {}",
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
            "while visitor 256 came in, the counter said {count} instead of 255 or 256"
        );
    });
}

#[test]
fn whoever_is_overtaken_again_and_again_counts_too() {
    // While one door takes a step, the other takes several, and so overtakes the first door again and again.
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
             when the other door overtakes it again and again?"
        );
    });
}

/// The task as a specification, from which the scenarios are generated. The state of a
/// counter is a number.
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
