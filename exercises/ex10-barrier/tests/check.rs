// The check of exercise 10. It is finished: change src/lib.rs, not this file.
//
// Hikers walk in stages, and meet at the end of each before they go on. A counter of arrivals is enough for one meeting.
// For the second one it has to start again from 0, and that is where it gets hard: a fast hiker arrives at the next
// meeting before a slow one has left the last, and both look at the same counter. They have to know which meeting they
// are at: a number that goes up with each of them, a generation.
//
// This check runs your code under every interleaving of the hikers' steps, or under some thousands of them if there
// are more, and shows the shortest one that goes wrong as a table of your own lines.
// Run it with `cargo test -p ex10-barrier`; read docs/10-barrier.md.

#![deny(deprecated)] // of files, sockets and the like: a check cannot follow them

#[macro_use]
extern crate interleave as std; // in this file, and in what it takes in, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;

mod barrier {
    include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs"));
}

use barrier::Barrier;
use interleave::Check;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread::{Builder, JoinHandle};
use std::time::Instant;

/// So many hikers walk so many stages, and meet after each; somebody went on without somebody else: the panic says who.
fn hike(hikers: usize, stages: usize) {
    let meeting = Arc::new(Barrier::new(hikers));
    // How many stages each has walked. Relaxed: to see what others did before the meeting is for the barrier to see to.
    let walked: Arc<Vec<AtomicUsize>> = Arc::new((0..hikers).map(|_| AtomicUsize::new(0)).collect());
    let hike = |me: usize| {
        let (meeting, walked) = (Arc::clone(&meeting), Arc::clone(&walked));
        let walk = move || {
            let mut left_alone = None;
            for stage in 1..=stages {
                walked[me].store(stage, Relaxed);
                meeting.wait();
                let behind = (0..hikers).find(|&other| walked[other].load(Relaxed) < stage);
                // It goes on all the same, or the others would wait for it.
                left_alone = left_alone.or(behind.map(|behind| (stage, behind)));
            }
            left_alone
        };
        Builder::new().name(format!("hiker {}", me + 1)).spawn(walk).unwrap()
    };
    let all: Vec<JoinHandle<_>> = (0..hikers).map(hike).collect();
    let left: Vec<_> = all.into_iter().map(|hiker| hiker.join().unwrap()).collect();
    for (me, alone) in left.into_iter().enumerate() {
        if let Some((stage, behind)) = alone {
            let (me, behind) = (me + 1, behind + 1);
            panic!(
                "hiker {me} went on from meeting {stage} when, as far as it could see, hiker {behind} had not arrived there"
            );
        }
    }
}

#[test]
fn hikers_meet_a_second_time() {
    // If hikers wait for ever instead, look at the last one to leave: which meeting does it think it is at?
    Check::new().must_join().runs(5_000).run(|| hike(2, 2));
}

#[test]
fn three_hikers_meet_once() {
    Check::new().must_join().runs(5_000).run(|| hike(3, 1));
}

#[test]
fn three_hikers_meet_twice() {
    Check::new().must_join().runs(2_000).run(|| hike(3, 2));
}

#[test]
fn hikers_meet_again_and_again() {
    Check::new().must_join().runs(2_000).run(|| hike(2, 3));
}

#[test]
fn whoever_hikes_alone_waits_for_nobody() {
    Check::new().must_join().run(|| hike(1, 2));
}

#[test]
fn waiting_is_not_looking_now_and_then() {
    // The clock is virtual. It moves only when every thread waits, so it stands when nobody waits for the clock.
    Check::new().must_join().wakeups(0).runs(2_000).run(|| {
        let start = Instant::now();
        hike(2, 1);
        let late = start.elapsed();
        assert!(
            late.is_zero(),
            "the meeting took {late:?} although nobody was late: somebody sleeps and looks now and then, instead of being woken"
        );
    });
}
