//! What a check that passed says of itself: each limit that it met, and none that it didn't.

use crate::passes;
use interleave::sync::atomic::{AtomicBool, AtomicUsize, Ordering::*};
use interleave::sync::{Arc, Condvar, Mutex, MutexGuard, Once, OnceLock, mpsc};
use interleave::{Check, Passed, thread};
use std::time::Duration;

fn fails(scenario: impl Fn() + 'static) {
    if let Ok(passed) = Check::new().try_run(scenario) {
        panic!("a wrong program is accepted: {passed}");
    }
}

/// What the verdict names besides the number of runs, and whether it says that it is complete and exhaustive.
fn claims(passed: Passed) -> (String, bool, bool) {
    let text = passed.to_string();
    let (claim, runs) = text.split_once(": ").expect("a verdict ends with its runs");
    assert!(runs.starts_with(&format!("{} run", passed.runs())), "{text}");
    (claim.into(), passed.is_complete(), passed.is_exhaustive())
}

const EXHAUSTIVE: (bool, bool) = (true, true);
const WITHIN_LIMITS: (bool, bool) = (true, false);
const INCOMPLETE: (bool, bool) = (false, false);

#[track_caller]
fn claim_is(passed: Passed, wanted: &str, (is_complete, is_exhaustive): (bool, bool)) {
    assert_eq!(claims(passed), (wanted.into(), is_complete, is_exhaustive), "{passed}");
}

/// Two threads count to `n` each.
fn count_to(n: usize) -> impl Fn() {
    move || {
        let count = Arc::new(AtomicUsize::new(0));
        let add = move |count: &AtomicUsize| (0..n).for_each(|_| _ = count.fetch_add(1, SeqCst));
        let theirs = Arc::clone(&count);
        let other = thread::spawn(move || add(&theirs));
        add(&count);
        other.join().unwrap();
        assert_eq!(count.load(SeqCst), 2 * n);
    }
}

/// A thread waits for a flag that another one sets; `wait` has the flag's lock.
fn waits(wait: fn(&Condvar, MutexGuard<'_, bool>)) -> impl Fn() {
    move || {
        let shared = Arc::new((Mutex::new(false), Condvar::new()));
        let theirs = Arc::clone(&shared);
        let sets = thread::spawn(move || {
            *theirs.0.lock().unwrap() = true;
            theirs.1.notify_one();
        });
        wait(&shared.1, shared.0.lock().unwrap());
        sets.join().unwrap();
    }
}

#[test]
fn no_limit_is_named_where_none_was_met() {
    claim_is(passes(Check::new(), || ()), "all interleavings", EXHAUSTIVE);
    claim_is(passes(Check::new(), count_to(2)), "all interleavings", EXHAUSTIVE);
    // Each of these could meet a limit, and doesn't.
    claim_is(passes(Check::new().wakeups(0), count_to(2)), "all interleavings", EXHAUSTIVE);
    claim_is(passes(Check::new().preemptions(9), count_to(2)), "all interleavings", EXHAUSTIVE);
    claim_is(passes(Check::new().deadline(Duration::MAX), count_to(2)), "all interleavings", EXHAUSTIVE);
    let sleeps_once = || {
        let other = thread::spawn(|| thread::sleep(Duration::from_secs(1)));
        other.join().unwrap();
    };
    claim_is(passes(Check::new(), sleeps_once), "all interleavings", EXHAUSTIVE);
    let receives = || {
        let (sender, receiver) = mpsc::channel();
        let sends = thread::spawn(move || sender.send(1).unwrap());
        assert_eq!(receiver.recv(), Ok(1));
        sends.join().unwrap();
    };
    claim_is(passes(Check::new(), receives), "all interleavings", EXHAUSTIVE);
}

#[test]
fn as_many_spurious_events_are_named_as_were_tried() {
    let loops = |changed: &Condvar, flag: MutexGuard<'_, bool>| {
        drop(changed.wait_while(flag, |is_set| !*is_set).unwrap());
    };
    let verdict = |check: Check| passes(check, waits(loops));
    claim_is(verdict(Check::new()), "all interleavings, with at most 3 spurious events each", WITHIN_LIMITS);
    for (most, wanted) in [
        (0, "all interleavings, without spurious wakeups and early timeouts"),
        (1, "all interleavings, with at most 1 spurious event each"),
        (2, "all interleavings, with at most 2 spurious events each"),
    ] {
        claim_is(verdict(Check::new().wakeups(most)), wanted, WITHIN_LIMITS);
    }
    // There is one sleep, and so one event: a second one isn't left out.
    let one_event = || drop(thread::spawn(|| thread::sleep(Duration::from_secs(1))).join());
    claim_is(passes(Check::new().wakeups(1), one_event), "all interleavings", EXHAUSTIVE);
}

#[test]
fn three_spurious_events_are_tried_where_that_is_affordable() {
    fn checks_twice(changed: &Condvar, mut flag: MutexGuard<'_, bool>) {
        for _ in 0..2 {
            if !*flag {
                flag = changed.wait(flag).unwrap();
            }
        }
        assert!(*flag);
    }
    fails(waits(checks_twice));
    let exchange = |tries: usize| {
        move || {
            let cell = AtomicUsize::new(0);
            assert!((0..tries).any(|_| cell.compare_exchange_weak(0, 1, SeqCst, SeqCst).is_ok()));
        }
    };
    // A thread that sleeps is not ordered after one that is merely slow.
    let sleep = |times: usize| {
        move || {
            let written = Arc::new(AtomicBool::new(false));
            let theirs = Arc::clone(&written);
            let writes = thread::spawn(move || {
                (0..times).for_each(|_| thread::sleep(Duration::from_millis(1)));
                theirs.store(true, SeqCst);
            });
            assert!(!written.load(SeqCst), "the sleeper was faster");
            writes.join().unwrap();
        }
    };
    for times in 1..=3 {
        fails(exchange(times));
        fails(sleep(times));
    }
    // The fourth is beyond the limit, and the verdict says so.
    let wanted = "all interleavings, with at most 3 spurious events each";
    claim_is(passes(Check::new(), exchange(4)), wanted, WITHIN_LIMITS);
    claim_is(passes(Check::new(), sleep(4)), wanted, WITHIN_LIMITS);
    // What takes too many runs is done with the number of events that was affordable.
    let three_wait = || {
        let shared = Arc::new((Mutex::new(false), Condvar::new()));
        let waiters = [(); 3].map(|()| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                drop(shared.1.wait_while(shared.0.lock().unwrap(), |is_set| !*is_set).unwrap());
            })
        });
        *shared.0.lock().unwrap() = true;
        shared.1.notify_all();
        waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
    };
    let passed = passes(Check::new(), three_wait);
    claim_is(passed, "all interleavings, with at most 2 spurious events each", WITHIN_LIMITS);
}

/// Looks at a flag that another thread sets, this many times.
fn gives_up_after(looks: usize) -> impl Fn() {
    move || {
        let flag = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&flag);
        let sets = thread::spawn(move || theirs.store(true, SeqCst));
        let is_set = (0..looks).any(|_| flag.load(SeqCst));
        assert!(is_set, "gave up although the other thread was on its way");
        sets.join().unwrap();
    }
}

#[test]
fn a_loop_that_gives_up_is_followed_to_its_end() {
    for looks in [1, 5, 6, 10, 50, 150] {
        fails(gives_up_after(looks));
    }
    fails(|| {
        let lock = Arc::new(Mutex::new(0));
        let theirs = Arc::clone(&lock);
        let adds = thread::spawn(move || *theirs.lock().unwrap() += 1);
        let has_added = (0..10).any(|_| lock.try_lock().map(|mut count| *count += 1).is_ok());
        adds.join().unwrap();
        assert!(has_added);
    });
    fails(|| {
        let (sender, receiver) = mpsc::channel();
        let sends = thread::spawn(move || sender.send(1));
        assert!((0..10).any(|_| receiver.try_recv().is_ok()));
        _ = sends.join().unwrap();
    });
}

#[test]
fn a_loop_that_is_taken_to_wait_is_named() {
    let wanted = "all interleavings, where a loop went around at most twice while nothing else changed";
    // One that never gives up and only looks finds nothing else until there is a change: nothing is left out.
    let spins = || {
        let flag = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&flag);
        let sets = thread::spawn(move || theirs.store(true, SeqCst));
        while !flag.load(SeqCst) {}
        sets.join().unwrap();
    };
    claim_is(passes(Check::new(), spins), "all interleavings", EXHAUSTIVE);
    // One that gives up, but after more looks than are explored.
    let gives_up = || {
        let flag = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&flag);
        let sets = thread::spawn(move || theirs.store(true, SeqCst));
        _ = (0..1_000).any(|_| flag.load(SeqCst));
        sets.join().unwrap();
    };
    claim_is(passes(Check::new(), gives_up), wanted, WITHIN_LIMITS);
    // One that changes something as it goes around.
    let counts = || {
        let (flag, looks) = (Arc::new(AtomicBool::new(false)), AtomicUsize::new(0));
        let theirs = Arc::clone(&flag);
        let sets = thread::spawn(move || theirs.store(true, SeqCst));
        while !flag.load(SeqCst) {
            looks.fetch_add(1, Relaxed);
        }
        sets.join().unwrap();
    };
    claim_is(passes(Check::new(), counts), wanted, WITHIN_LIMITS);
}

#[test]
fn a_budget_that_is_too_small_is_named_by_the_interruptions_that_were_tried() {
    let passed = passes(Check::new().runs(1_000), count_to(10));
    let most = passed.interruptions().expect("those without an interruption are few");
    let noun = if most == 1 { "interruption" } else { "interruptions" };
    claim_is(passed, &format!("all interleavings with at most {most} {noun}"), INCOMPLETE);
    // Not even those that have none.
    let four_each_in_every_order = || {
        let cells = Arc::new(AtomicUsize::new(0));
        let threads = [(); 6].map(|()| {
            let cells = Arc::clone(&cells);
            thread::spawn(move || (0..4).for_each(|_| _ = cells.fetch_add(1, SeqCst)))
        });
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    };
    let passed = passes(Check::new().runs(200), four_each_in_every_order);
    claim_is(passed, "some interleavings", INCOMPLETE);
    assert_eq!(passed.interruptions(), None);
}

#[test]
fn a_limit_of_interruptions_is_named() {
    for (most, wanted) in [
        (0, "all interleavings with at most 0 interruptions"),
        (1, "all interleavings with at most 1 interruption"),
    ] {
        let passed = passes(Check::new().preemptions(most), count_to(2));
        claim_is(passed, wanted, INCOMPLETE);
        assert_eq!(passed.interruptions(), Some(most));
    }
}

#[test]
fn an_end_by_the_clock_is_named() {
    claim_is(passes(Check::new().deadline(Duration::ZERO), count_to(4)), "some interleavings", INCOMPLETE);
}

#[test]
fn a_run_that_is_too_long_is_named() {
    let passed = passes(Check::new(), || {
        let count = AtomicUsize::new(0);
        (0..2_000).for_each(|_| _ = count.fetch_add(1, SeqCst));
    });
    let long = "some interleavings: 1 run; 1 run of more than 1000 steps went on by lot from there";
    assert_eq!(passed.to_string(), long);
    assert!(!passed.is_complete() && !passed.is_exhaustive());
}

/// Another thread does `theirs`; this one goes around in a loop `until` it finds that.
#[track_caller]
fn spins<S: Send + Sync + 'static>(shared: fn() -> S, theirs: fn(&S), until: fn(&S) -> bool) {
    let passed = passes(Check::new().wakeups(0), move || {
        let shared = Arc::new(shared());
        let other = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || theirs(&shared))
        };
        while !until(&shared) {}
        other.join().unwrap();
    });
    assert!(passed.is_complete(), "{passed}");
    assert!(passed.runs() <= 20, "{passed}");
}

#[test]
fn a_loop_that_waits_by_looking_is_followed_until_there_is_a_change_whatever_it_looks_at() {
    spins(|| AtomicBool::new(false), |flag| flag.store(true, SeqCst), |flag| flag.load(SeqCst));
    spins(|| AtomicBool::new(false), |flag| flag.store(true, Relaxed), |flag| flag.load(Relaxed));
    spins(
        || AtomicUsize::new(0),
        |count| count.store(1, Relaxed),
        |count| count.compare_exchange(1, 2, Relaxed, Relaxed).is_ok(),
    );
    spins(Once::new, |once| once.call_once(|| ()), Once::is_completed);
    spins(OnceLock::new, |cell| cell.set(1).unwrap(), |cell| cell.get().is_some());
    let finished = || {
        let other = thread::spawn(|| ());
        while !other.is_finished() {}
        other.join().unwrap();
    };
    let receives = || {
        let (sender, receiver) = mpsc::channel();
        let sends = thread::spawn(move || sender.send(1).unwrap());
        while receiver.try_recv().is_err() {}
        sends.join().unwrap();
    };
    let finds_room = || {
        let (sender, receiver) = mpsc::sync_channel(1);
        sender.send(1).unwrap();
        let receives = thread::spawn(move || {
            receiver.recv().unwrap();
            receiver
        });
        while sender.try_send(2).is_err() {}
        receives.join().unwrap();
    };
    for passed in [
        passes(Check::new().wakeups(0), finished),
        passes(Check::new().wakeups(0), receives),
        passes(Check::new().wakeups(0), finds_room),
    ] {
        assert!(passed.is_complete() && passed.runs() <= 20, "{passed}");
    }
}

#[test]
fn a_weak_exchange_that_could_have_failed_is_named() {
    let exchanges = || _ = AtomicUsize::new(0).compare_exchange_weak(0, 1, SeqCst, SeqCst);
    let wanted = "all interleavings, without spurious wakeups and early timeouts";
    claim_is(passes(Check::new().wakeups(0), exchanges), wanted, WITHIN_LIMITS);
    claim_is(passes(Check::new().wakeups(1), exchanges), "all interleavings", EXHAUSTIVE);
}

#[test]
fn a_thread_that_outlives_the_scenario_is_a_failure_where_all_must_be_joined() {
    let leaves_one = || drop(thread::spawn(|| AtomicUsize::new(0).store(1, SeqCst)));
    assert!(Check::new().must_join().try_run(leaves_one).is_err());
    passes(Check::new(), leaves_one);
}
