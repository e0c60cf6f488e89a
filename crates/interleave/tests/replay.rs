//! `replay` does the run that a schedule describes, and refuses what describes none.

use interleave::sync::atomic::{AtomicU32, Ordering::SeqCst};
use interleave::sync::{Condvar, Mutex, mpsc};
use interleave::time::Duration;
use interleave::{Check, Ending, Outcome, outcomes, replay, thread};

/// Two threads that each add 1 in two steps.
fn two_visits() -> u32 {
    let visits = AtomicU32::new(0);
    thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| {
                let seen = visits.load(SeqCst);
                visits.store(seen + 1, SeqCst);
            });
        }
    });
    visits.into_inner()
}

/// The second thread waits for a notification that may have come before.
fn a_notification_that_may_be_lost() {
    let (is_ready, ready) = (Mutex::new(false), Condvar::new());
    thread::scope(|s| {
        s.spawn(|| {
            *is_ready.lock().unwrap() = true;
            ready.notify_one();
        });
        s.spawn(|| {
            if !*is_ready.lock().unwrap() {
                drop(ready.wait(is_ready.lock().unwrap()).unwrap());
            }
        });
    });
}

/// A thread that looks without waiting: from then on, each release is a step.
fn a_look_at_a_channel() -> (bool, bool) {
    let (tx, rx) = mpsc::channel();
    let (lock, is_alone) = (Mutex::new(()), AtomicU32::new(0));
    thread::scope(|s| {
        s.spawn(|| tx.send(()).unwrap());
        s.spawn(|| is_alone.store(u32::from(lock.try_lock().is_ok()), SeqCst));
        let held = lock.lock().unwrap();
        let found = rx.try_recv().is_ok();
        drop(held);
        found
    });
    (rx.try_recv().is_ok(), is_alone.into_inner() == 1)
}

/// Each outcome of the scenario is what a replay of its schedule finds.
fn assert_replays<T: Ord + Clone + std::fmt::Debug + 'static>(scenario: impl Fn() -> T + Clone + 'static) {
    let all = outcomes(scenario.clone());
    assert!(all.rows().len() > 1, "{all}");
    for row in all.rows() {
        let Outcome { ending, count, schedule, table } = replay(&row.schedule, scenario.clone()).unwrap();
        assert_eq!((&ending, count), (&row.ending, 1), "{}", row.schedule);
        assert_eq!((schedule, table), (row.schedule.clone(), row.table.clone()));
    }
}

#[test]
fn a_replay_is_the_run_that_was_counted() {
    assert_replays(two_visits);
    assert_replays(a_notification_that_may_be_lost);
    assert_replays(a_look_at_a_channel);
}

#[test]
fn after_its_end_the_schedule_leaves_each_thread_to_run() {
    assert_eq!(replay("", two_visits).unwrap().ending, Ending::Returned(2));
    let one_step = replay("2", two_visits).unwrap();
    assert_eq!((one_step.ending, one_step.schedule.as_str()), (Ending::Returned(2), "2211"));
}

#[test]
fn a_failure_of_a_check_is_replayed_with_its_faults() {
    let waits_once = || {
        let (is_ready, ready) = (Mutex::new(false), Condvar::new());
        thread::scope(|s| {
            s.spawn(|| {
                *is_ready.lock().unwrap() = true;
                ready.notify_one();
            });
            let mut seen = is_ready.lock().unwrap();
            if !*seen {
                seen = ready.wait_timeout(seen, Duration::from_secs(1)).unwrap().0;
            }
            assert!(*seen, "woken too early");
        });
    };
    let failed = Check::new().try_run(waits_once).unwrap_err();
    assert!(failed.schedule().contains('!'), "{failed}");
    let Ending::Failed(how) = replay(failed.schedule(), waits_once).unwrap().ending else {
        panic!("the schedule {} passes", failed.schedule())
    };
    assert_eq!(how.lines().next(), Some("woken too early"));
}

#[test]
fn what_is_not_a_schedule_of_the_scenario_is_refused() {
    let why = |schedule| replay(schedule, two_visits).unwrap_err().to_string();
    for text in ["1-2", "12~", "1 2"] {
        assert!(why(text).contains("isn't a schedule"), "{text}: {}", why(text));
    }
    // Thread 2 has two steps; there is no thread 3; nothing can be chosen besides the next thread.
    for text in ["1222", "13", "1~112"] {
        assert!(why(text).starts_with("the schedule does not fit: step "), "{text}: {}", why(text));
    }
    assert_eq!(why("112211"), "the schedule does not fit: the run is over after 4 of its 6 steps");
}
