// The check of exercise 8. It is finished: change src/lib.rs, not this file.
//
// Runners wait for the starting shot. A notification wakes those who wait at that moment, and is then gone: a condition
// variable remembers nothing. If it comes before the event is set, a runner who looks in between still sees «not set» and
// goes to sleep, and nobody will wake it: a lost wakeup. What is remembered is the flag, so the flag comes first.
//
// This check runs your code under every interleaving of the runners' steps, or under some thousands of them if
// there are more, and shows the shortest one that goes wrong as a table of your own lines.
// Run it with `cargo test -p ex08-event`; read docs/08-event.md.

#![deny(deprecated)] // of files, sockets and the like: a check cannot follow them

#[macro_use]
extern crate interleave as std; // in this file, and in what it takes in, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;

mod event {
    include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs"));
}

use event::Event;
use interleave::Check;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{Builder, JoinHandle};
use std::time::Instant;

/// A runner who waits for the shot so many times; it tells whether the track was clear when it ran.
fn runner(number: usize, shot: &Arc<Event>, clear: &Arc<AtomicBool>, times: usize) -> JoinHandle<bool> {
    let (shot, clear) = (Arc::clone(shot), Arc::clone(clear));
    let run = move || {
        (0..times).for_each(|_| shot.wait());
        clear.load(Relaxed)
    };
    Builder::new().name(format!("runner {number}")).spawn(run).unwrap()
}

/// The starter, who clears the track and fires the shot.
fn starter(shot: &Arc<Event>, clear: &Arc<AtomicBool>) -> JoinHandle<()> {
    let (shot, clear) = (Arc::clone(shot), Arc::clone(clear));
    let start = move || {
        // Relaxed says nothing about the order as others see it: that is for the event to see to.
        clear.store(true, Relaxed);
        shot.set();
    };
    Builder::new().name("starter".into()).spawn(start).unwrap()
}

#[test]
fn a_runner_hears_the_shot() {
    Check::new().must_join().wakeups(2).runs(5_000).run(|| {
        let (shot, clear) = (Arc::new(Event::new()), Arc::new(AtomicBool::new(false)));
        let starter = starter(&shot, &clear);
        let runner = runner(1, &shot, &clear, 1);
        starter.join().unwrap();
        // A runner who waits for ever has missed the shot.
        let track_was_clear = runner.join().unwrap();
        assert!(
            track_was_clear,
            "the runner came back from wait, but does not see what was done before the shot: it ran too early, or set and \
             wait do not order what comes before and after them"
        );
    });
}

#[test]
fn all_runners_hear_one_shot() {
    Check::new().must_join().runs(5_000).run(|| {
        let (shot, clear) = (Arc::new(Event::new()), Arc::new(AtomicBool::new(false)));
        let runners = [1, 2].map(|number| runner(number, &shot, &clear, 1));
        starter(&shot, &clear).join().unwrap();
        for (number, runner) in (1..).zip(runners) {
            let track_was_clear = runner.join().unwrap();
            assert!(
                track_was_clear,
                "runner {number} came back from wait, but does not see what was done before the shot"
            );
        }
    });
}

#[test]
fn the_event_stays_set() {
    Check::new().must_join().runs(5_000).run(|| {
        let (shot, clear) = (Arc::new(Event::new()), Arc::new(AtomicBool::new(true)));
        shot.set();
        shot.set();
        // It is set already, and setting it does not use it up: neither runner waits, however often it asks.
        for runner in [runner(1, &shot, &clear, 2), runner(2, &shot, &clear, 1)] {
            runner.join().unwrap();
        }
    });
}

#[test]
fn two_events_know_nothing_of_each_other() {
    Check::new().must_join().wakeups(0).run(|| {
        let (red, blue) = (Arc::new(Event::new()), Arc::new(Event::new()));
        let clear = Arc::new(AtomicBool::new(false));
        red.set();
        let runner = runner(1, &blue, &clear, 1);
        clear.store(true, Relaxed);
        blue.set();
        let track_was_clear = runner.join().unwrap();
        assert!(
            track_was_clear,
            "a runner who waits for the blue shot ran at the red one: are the events one and the same?"
        );
    });
}

#[test]
fn waiting_is_not_looking_now_and_then() {
    // The clock is virtual. It moves only when every thread waits, so it stands when nobody waits for the clock.
    Check::new().must_join().wakeups(0).runs(5_000).run(|| {
        let start = Instant::now();
        let (shot, clear) = (Arc::new(Event::new()), Arc::new(AtomicBool::new(true)));
        let runner = runner(1, &shot, &clear, 1);
        shot.set();
        runner.join().unwrap();
        let late = start.elapsed();
        assert!(
            late.is_zero(),
            "the runner started {late:?} after the shot: it sleeps and looks now and then, instead of being woken"
        );
    });
}
