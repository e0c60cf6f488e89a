// This is the finished check for exercise 8: change src/lib.rs, not this file.
//
// Runners wait for the starting shot. A notification wakes the threads that wait at that moment, and is then gone: a condition
// variable remembers nothing. If the notification is sent before the event is set, a runner who checks in between still sees
// "not set", goes to sleep, and is never woken: a lost wakeup. The flag is remembered, so set the flag first.
// Until then, a waiting thread must sleep. Checking in a loop keeps a processor busy, and a thread that checks now and then, or
// when a timeout expires, notices too late.
//
// This check runs your code under every interleaving of the runners' steps, or under several thousand if there are
// more than that. It shows the shortest interleaving that fails, as a table of your own lines.
// Run it with `cargo test -p ex08-event`; read docs/08-event.md.

#[macro_use]
extern crate interleave as std; // in this file and the modules it includes, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;
interleave::exercise!(); // no `unsafe`, no `extern`, at most 1 GiB of memory

#[cfg_attr(not(feature = "solution"), path = "../src/lib.rs")]
#[cfg_attr(feature = "solution", path = "../../../solutions/ex08-event/src/lib.rs")]
mod event;
#[allow(unused_imports)]
use event::*; // so that `crate::` means the same here as in src/lib.rs

use event::Event;
use interleave::Check;
use std::sync::Arc;
use std::sync::atomic::{
    AtomicBool,
    Ordering::{Relaxed, SeqCst},
};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// The clock is virtual: it moves only when every thread waits. So a thread waits this long only if no other thread can continue.
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Starts a runner that calls `wait` `times` times. The thread returns whether the track was clear when it ran.
fn runner(number: usize, shot: &Arc<Event>, clear: &Arc<AtomicBool>, times: usize) -> JoinHandle<bool> {
    let (shot, clear) = (Arc::clone(shot), Arc::clone(clear));
    let run = move || {
        (0..times).for_each(|_| shot.wait());
        clear.load(Relaxed)
    };
    Builder::new().name(format!("runner {number}")).spawn(run).unwrap()
}

/// Starts the starter, who clears the track and fires the shot.
fn starter(shot: &Arc<Event>, clear: &Arc<AtomicBool>) -> JoinHandle<()> {
    let (shot, clear) = (Arc::clone(shot), Arc::clone(clear));
    let start = move || {
        // Relaxed says nothing about the order that other threads see: the event must see to that.
        clear.store(true, Relaxed);
        shot.set();
    };
    Builder::new().name("starter".into()).spawn(start).unwrap()
}

/// What it means if a runner waits forever in these tests. It is `otherwise` if `set` returns.
fn stuck(otherwise: &'static str) -> &'static str {
    if set_waits(0) || set_waits(1) {
        "set waits, but set must wake the runners and return"
    } else {
        otherwise
    }
}

/// Returns whether a thread that sets the event has to wait while `runners` runners wait for the event.
fn set_waits(runners: usize) -> bool {
    let waits = "not set for an hour";
    let started = check().wakeups(0).runs(200).try_run(move || {
        let (shot, clear) = (Arc::new(Event::new()), Arc::new(AtomicBool::new(true)));
        for number in 1..=runners {
            runner(number, &shot, &clear, 1);
        }
        let (tell, told) = mpsc::channel();
        Builder::new()
            .spawn(move || {
                (0..2).for_each(|_| shot.set());
                let _ = tell.send(());
            })
            .unwrap();
        assert!(told.recv_timeout(HOUR) != Err(RecvTimeoutError::Timeout), "{waits}");
    });
    started.is_err_and(|failed| failed.headline().contains(waits))
}

/// Lets `runners` runners wait for one shot. Returns how long it took until all had started.
fn race(runners: usize) -> Duration {
    let (start, shot, clear) = (Instant::now(), Arc::new(Event::new()), Arc::new(AtomicBool::new(false)));
    let runners: Vec<JoinHandle<bool>> =
        (1..=runners).map(|number| runner(number, &shot, &clear, 1)).collect();
    starter(&shot, &clear).join().unwrap();
    for (number, runner) in (1..).zip(runners) {
        let track_was_clear = runner.join().unwrap();
        assert!(
            track_was_clear,
            "runner {number} ran, but can't see that the track was cleared before the shot: either wait returned too early, or set and wait \
             don't make what happened before set visible after wait"
        );
    }
    start.elapsed()
}

/// A check that requires a waiting thread to sleep until it is woken.
fn check() -> Check {
    Check::new().must_sleep()
}

#[test]
fn all_runners_hear_the_shot() {
    let stuck = stuck("the shot was fired, but not every waiting runner was woken");
    let starts = |runners| {
        move || {
            race(runners);
        }
    };
    check().must_join().stuck_means(stuck).wakeups(2).runs(5_000).run(starts(1));
    // A wait that ends again and again without a notification.
    check().must_join().stuck_means(stuck).wakeups(6).runs(2_000).run(starts(1));
    check().must_join().stuck_means(stuck).runs(5_000).run(starts(2));
    // The clock stands still unless a thread waits for the clock.
    let at_once = |runners| {
        move || {
            let late = race(runners);
            assert!(
                late.is_zero(),
                "the last runner started {late:?} after the shot: the runner wasn't woken, and only checked again by itself"
            );
        }
    };
    check().must_join().stuck_means(stuck).wakeups(0).runs(2_000).run(at_once(1));
    check().must_join().stuck_means(stuck).wakeups(0).runs(2_000).run(at_once(2));
    check().must_join().stuck_means(stuck).wakeups(0).runs(2_000).run(at_once(3));
    // Large crowds: in the very first run, all of them are waiting when the shot is fired.
    for runners in [4, 12, 100] {
        check().must_join().stuck_means(stuck).wakeups(0).runs(30).run(at_once(runners));
    }
    // Each runner waits for its own event.
    check().must_join().stuck_means(stuck).wakeups(0).runs(5_000).run(|| {
        let (red, blue) = (Arc::new(Event::new()), Arc::new(Event::new()));
        let clear = Arc::new(AtomicBool::new(false));
        red.set();
        let runner = runner(1, &blue, &clear, 1);
        clear.store(true, Relaxed);
        blue.set();
        let track_was_clear = runner.join().unwrap();
        assert!(
            track_was_clear,
            "a runner waiting for the blue shot ran at the red one: do the two events share one flag?"
        );
    });
}

/// The clock is virtual: it moves when no thread can continue, or when those that can
/// only spin. So this function sleeps many times, until a thread that spins for a while
/// has stopped spinning. Not a round number, so that no timeout ends at the same moment.
fn sleep_long() {
    (0..1_000).for_each(|_| std::thread::sleep(Duration::from_nanos(333_337)));
}

#[test]
fn a_runner_is_woken_at_once() {
    let stuck = stuck("the shot was fired, but not every waiting runner was woken");
    let at_once = |runners: usize| {
        move || {
            let shot = Arc::new(Event::new());
            let wait = |number| {
                let shot = Arc::clone(&shot);
                let run = move || {
                    shot.wait();
                    Instant::now()
                };
                Builder::new().name(format!("runner {number}")).spawn(run).unwrap()
            };
            let waiting: Vec<JoinHandle<Instant>> = (1..=runners).map(wait).collect();
            sleep_long();
            let fired = Instant::now();
            shot.set();
            for runner in waiting {
                let late = runner.join().unwrap() - fired;
                assert!(
                    late.is_zero(),
                    "the shot was fired while {runners} runners waited, but one started {late:?} later: that runner sleeps and checks now and \
                     then instead of being woken"
                );
            }
        }
    };
    check().must_join().stuck_means(stuck).wakeups(0).runs(40).run(at_once(1));
    check().must_join().stuck_means(stuck).wakeups(0).runs(40).run(at_once(3));
}

#[test]
fn the_event_stays_set() {
    let used_up = "the shot was fired before any runner waited, so every call to wait must return";
    let stuck = stuck(used_up);
    check().must_join().stuck_means(stuck).runs(5_000).run(|| {
        let (shot, clear) = (Arc::new(Event::new()), Arc::new(AtomicBool::new(true)));
        shot.set();
        shot.set();
        // The event is already set, and a wait doesn't reset it: neither runner blocks, however often it waits.
        for runner in [runner(1, &shot, &clear, 2), runner(2, &shot, &clear, 1)] {
            runner.join().unwrap();
        }
    });
}

#[test]
fn who_waits_sleeps() {
    check().must_join().takes_no_time().runs(1_000).run(|| {
        let (shot, clear) = (Arc::new(Event::new()), Arc::new(AtomicBool::new(true)));
        let runner = runner(1, &shot, &clear, 1);
        shot.set();
        runner.join().unwrap();
    });
}

#[test]
fn an_event_stays_the_same_wherever_it_is() {
    let stuck = "the event was set and then moved, and must still be set";
    check().must_join().stuck_means(stuck).run(|| {
        let event = Event::new();
        event.set();
        let moved = Box::new(event);
        moved.wait();
        // A new event takes the place of one that was set.
        let mut slot = *moved;
        slot.wait();
        slot = Event::new();
        let fired = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let (slot, fired) = (&slot, &fired);
            scope.spawn(move || {
                fired.store(true, SeqCst);
                slot.set();
            });
            slot.wait();
            let is_fired = fired.load(SeqCst);
            assert!(
                is_fired,
                "wait returned, but this event isn't set: an earlier event in the same place was set"
            );
        });
    });
}

#[test]
fn a_panic_can_set_it() {
    struct Fires(Arc<Event>);
    impl Drop for Fires {
        fn drop(&mut self) {
            self.0.set();
        }
    }
    let stuck = "a thread set the event while it unwound from a panic, but no waiting runner was woken";
    check().must_join().stuck_means(stuck).run(|| {
        let (shot, clear) = (Arc::new(Event::new()), Arc::new(AtomicBool::new(true)));
        let fires = Fires(Arc::clone(&shot));
        let starter = Builder::new().name("starter".into()).spawn(move || {
            let _fires = fires;
            std::panic::resume_unwind(Box::new("the starter stumbles"));
        });
        let runner = runner(1, &shot, &clear, 1);
        let _ = starter.unwrap().join();
        runner.join().unwrap();
    });
}

/// The task as a specification, from which the scenarios are generated. The state of an
/// event is the call that has set it.
#[test]
fn spec_explains_every_run() {
    use interleave::spec::{Answer, Call, Spec};

    #[derive(Clone, PartialEq)]
    enum Shot {
        NotYet,
        FiredBy(Call),
        /// The event was set more than once. One of those calls ended the wait, but which one is unknown.
        FiredAgain,
    }
    let set = |shot: &mut Shot, (): &(), call| {
        *shot = if *shot == Shot::NotYet { Shot::FiredBy(call) } else { Shot::FiredAgain };
    };
    let wait = |shot: &mut Shot, (): &(), _| match *shot {
        Shot::NotYet => Answer::waits(),
        Shot::FiredBy(call) => Answer::returns(()).sees(call),
        Shot::FiredAgain => Answer::returns(()),
    };
    Spec::new([()], |()| "an event".into(), |()| Event::new(), |()| Shot::NotYet)
        .names(["runner 1", "runner 2", "runner 3", "runner 4"])
        .call([()], |()| "waits".into(), |event, ()| event.wait(), wait)
        .also_at_the_end()
        .call([()], |()| "fires the shot".into(), |event, ()| event.set(), set)
        .must_not_wait()
        .must_join()
        .check();
}
