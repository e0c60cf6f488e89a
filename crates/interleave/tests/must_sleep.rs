//! `Check::must_sleep`: a thread that waits by looking again and again fails, whatever it looks at; one that works, sleeps or
//! gives up doesn't. And a loop that gives up does so in some run, however it passes the time between two looks.

use interleave::sync::atomic::{AtomicBool, Ordering::SeqCst};
use interleave::sync::{Arc, Condvar, Mutex, mpsc};
use interleave::thread;
use interleave::time::Duration;
use interleave::{Check, FailureKind};

/// Two threads that share a flag: one sets it, main does this until it is set.
fn until_it_is_set(wait: fn(&AtomicBool)) -> impl Fn() {
    move || {
        let is_set = Arc::new(AtomicBool::new(false));
        let setter = thread::spawn({
            let is_set = Arc::clone(&is_set);
            move || is_set.store(true, SeqCst)
        });
        wait(&is_set);
        setter.join().unwrap();
    }
}

#[track_caller]
fn is_busy(scenario: impl Fn() + 'static) {
    let failed = Check::new().must_sleep().try_run(scenario).expect_err("main waits busily");
    assert_eq!(failed.kind(), FailureKind::Busy, "{failed}");
    assert!(failed.headline().contains("main looks again and again"), "{failed}");
    assert!(failed.to_string().lines().count() < 30, "a few rounds are enough:\n{failed}");
}

#[track_caller]
fn is_not_busy(scenario: impl Fn() + 'static) {
    let passed = Check::new().must_sleep().try_run(scenario);
    assert!(passed.is_ok(), "{}", passed.unwrap_err());
}

#[test]
fn a_loop_that_looks_at_an_atomic_is_busy() {
    is_busy(until_it_is_set(|is_set| while !is_set.load(SeqCst) {}));
}

#[test]
fn a_loop_that_yields_is_busy() {
    is_busy(until_it_is_set(|is_set| {
        while !is_set.load(SeqCst) {
            thread::yield_now();
        }
    }));
}

#[test]
fn a_loop_that_asks_whether_a_thread_has_ended_is_busy() {
    is_busy(|| {
        let other = thread::spawn(|| ());
        while !other.is_finished() {
            thread::yield_now();
        }
        other.join().unwrap();
    });
}

#[test]
fn a_loop_that_looks_under_a_lock_is_busy() {
    is_busy(|| {
        let is_set = Arc::new(Mutex::new(false));
        let setter = thread::spawn({
            let is_set = Arc::clone(&is_set);
            move || *is_set.lock().unwrap() = true
        });
        while !*is_set.lock().unwrap() {
            thread::yield_now();
        }
        setter.join().unwrap();
    });
}

#[test]
fn a_loop_that_tries_to_receive_is_busy() {
    is_busy(|| {
        let (sender, receiver) = mpsc::channel();
        let other = thread::spawn(move || sender.send(1).unwrap());
        while receiver.try_recv() != Ok(1) {}
        other.join().unwrap();
    });
}

#[test]
fn a_loop_that_spins_for_a_while_and_then_sleeps_polls() {
    is_busy(until_it_is_set(|is_set| {
        for looks in 0.. {
            if is_set.load(SeqCst) {
                break;
            }
            if looks < 100 { thread::yield_now() } else { thread::sleep(Duration::from_millis(1)) }
        }
    }));
}

#[test]
fn a_wait_with_a_timeout_that_is_not_needed_is_not_busy() {
    is_not_busy(|| {
        let shared = Arc::new((Mutex::new(false), Condvar::new()));
        let setter = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                *shared.0.lock().unwrap() = true;
                shared.1.notify_one();
            }
        });
        let mut is_set = shared.0.lock().unwrap();
        while !*is_set {
            is_set = shared.1.wait_timeout(is_set, Duration::from_millis(1)).unwrap().0;
        }
        drop(is_set);
        setter.join().unwrap();
    });
}

#[test]
fn a_loop_that_gives_up_is_not_busy() {
    is_not_busy(until_it_is_set(|is_set| {
        for _ in 0..100 {
            if is_set.load(SeqCst) {
                break;
            }
            thread::yield_now();
        }
    }));
}

#[test]
fn work_is_not_busy_waiting() {
    is_not_busy(|| {
        let total = Arc::new(Mutex::new(0));
        let other = thread::spawn({
            let total = Arc::clone(&total);
            move || *total.lock().unwrap() += 1
        });
        for _ in 0..1_000 {
            *total.lock().unwrap() += 1;
        }
        other.join().unwrap();
    });
}

#[test]
fn a_long_loop_at_the_end_comes_to_an_end() {
    let passed = Check::new().runs(10).try_run(|| {
        let total = AtomicBool::new(false);
        assert!((0..1_000).all(|_| !total.load(SeqCst)));
    });
    assert!(passed.is_ok(), "{}", passed.unwrap_err());
}

/// What a few looks, with this between them, have all missed in some run.
#[track_caller]
fn can_miss_it(between: fn()) {
    let failed = Check::new().try_run(move || {
        let is_set = Arc::new(AtomicBool::new(false));
        let setter = thread::spawn({
            let is_set = Arc::clone(&is_set);
            move || is_set.store(true, SeqCst)
        });
        let look = |_| {
            let seen = is_set.load(SeqCst);
            between();
            seen
        };
        let seen = (0..4).any(look);
        setter.join().unwrap();
        assert!(seen, "four looks have missed it");
    });
    let failed = failed.expect_err("four looks may all come before the store");
    assert!(failed.headline().contains("four looks have missed it"), "{failed}");
}

#[test]
fn a_few_looks_can_miss_it() {
    can_miss_it(|| ());
    can_miss_it(thread::yield_now);
}
