//! What a failing check says. Each report is read as a learner would: the first sentence, who waits for whom, the
//! lines in their order.

#[macro_use]
extern crate interleave as std;

use interleave::{Check, Failed};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::*};
use std::sync::{Arc, Condvar, Mutex, RwLock, mpsc};
use std::thread::{self, Builder, JoinHandle};
use std::time::Duration;

fn fails(scenario: impl Fn() + 'static) -> Failed {
    Check::new().try_run(scenario).expect_err("this scenario fails")
}

fn named<T: Send + 'static>(name: &str, f: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    Builder::new().name(name.into()).spawn(f).unwrap()
}

/// The number of the first line of this file that says `text`.
fn line(text: &str) -> usize {
    include_str!("reports.rs").lines().position(|line| line.trim() == text).unwrap() + 1
}

/// Whether the pieces stand in the text one after the other; `@text@` is the number of the line that says `text`.
#[track_caller]
fn assert_tells(failed: &Failed, pieces: &[&str]) {
    let text = failed.to_string();
    let mut rest = &text[..];
    for piece in pieces {
        let parts = piece.split('@').enumerate();
        let piece: String =
            parts.map(|(i, part)| if i % 2 == 1 { line(part).to_string() } else { part.into() }).collect();
        let piece = piece.as_str();
        let Some(at) = rest.find(piece) else {
            panic!("«{piece}» is missing, or comes too early, in:\n{text}")
        };
        rest = &rest[at + piece.len()..];
    }
}

fn lost_update() {
    let visits = Arc::new(AtomicU32::new(0));
    let threads = ["reader", "robot"].map(|name| {
        let visits = Arc::clone(&visits);
        named(name, move || {
            let seen = visits.load(SeqCst);
            visits.store(seen + 1, SeqCst);
        })
    });
    threads.into_iter().for_each(|t| t.join().unwrap());
    assert_eq!(visits.load(SeqCst), 2, "two visits were counted");
}

#[test]
fn a_lost_update_is_told_in_a_sentence_and_a_table() {
    let failed = fails(lost_update);
    assert_tells(
        &failed,
        &[
            "two visits were counted",
            "left: 1",
            "tests/reports.rs:",
            "Between line @let seen = visits.load(SeqCst);@ and line @visits.store(seen + 1, SeqCst);@ of reader, robot ran lines @let seen = visits.load(SeqCst);@ to @visits.store(seen + 1, SeqCst);@.",
            "step │ reader",
            "│ robot",
            "@let seen = visits.load(SeqCst);@ let seen = visits.load(SeqCst);",
            "loads visits: 0",
            "stores visits: 0 → 1",
            "stores visits: 1 → 1",
            "main",
            "without an interruption none of them fails.",
        ],
    );
    assert_eq!((failed.interruptions(), failed.schedule()), (1, "1221"));
}

#[test]
fn a_replay_tells_the_same_story() {
    let failed = fails(lost_update);
    let again = Check::new().replay(failed.schedule()).try_run(lost_update).unwrap_err();
    let table = |failed: &Failed| {
        let text = failed.to_string();
        let start = text.find(" step │").unwrap();
        text[start..]
            .lines()
            .take_while(|line| line.contains('│') || line.contains('┼'))
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(table(&failed), table(&again));
    assert_eq!(failed.headline(), again.headline());
    assert_eq!(again.runs(), 1);
    // A schedule that goes well passes.
    assert!(Check::new().replay("1122").try_run(lost_update).is_ok());
}

#[test]
fn a_schedule_that_does_not_fit_is_refused() {
    let wrong = |schedule| Check::new().replay(schedule).try_run(lost_update).unwrap_err().to_string();
    assert!(
        wrong("12x").contains("the schedule does not fit: step 3 is x, but only 2 or 1 is possible there"),
        "{}",
        wrong("12x")
    );
    assert!(wrong("1-2").contains("isn't a schedule"));
}

#[test]
fn a_deadlock_says_who_holds_and_who_waits() {
    let failed = fails(|| {
        let (a, b) = (Arc::new(Mutex::new(100)), Arc::new(Mutex::new(50)));
        let (a2, b2) = (a.clone(), b.clone());
        let there = named("there", move || {
            let _from = a.lock().unwrap();
            let _to = b.lock().unwrap();
        });
        let back = named("back", move || {
            let _from = b2.lock().unwrap();
            let _to = a2.lock().unwrap();
        });
        there.join().unwrap();
        back.join().unwrap();
    });
    assert_eq!(failed.headline(), "deadlock: back and there wait for each other");
    assert_tells(
        &failed,
        &[
            "back waits for the lock a at",
            "there holds it since line @let _from = a.lock().unwrap();@: let _from = a.lock().unwrap();",
            "there waits for the lock b at",
            "back holds it since line @let _from = b2.lock().unwrap();@: let _from = b2.lock().unwrap();",
        ],
    );
}

#[test]
fn who_locks_twice_waits_for_itself() {
    let failed = fails(|| {
        let ledger = Mutex::new(0);
        let _total = ledger.lock().unwrap();
        let _again = ledger.lock().unwrap();
    });
    assert_eq!(failed.headline(), "deadlock: main waits for a lock that it holds itself");
    assert_tells(
        &failed,
        &[
            "it holds it itself since line @let _total = ledger.lock().unwrap();@: let _total = ledger.lock().unwrap();",
        ],
    );
}

#[test]
fn a_read_lock_inside_a_read_lock_waits_for_a_writer_who_waits() {
    let failed = fails(|| {
        let cache = Arc::new(RwLock::new(0));
        let writer = named("writer", {
            let cache = cache.clone();
            move || *cache.write().unwrap() += 1
        });
        let outer = cache.read().unwrap();
        let inner = cache.read().unwrap();
        drop((outer, inner));
        writer.join().unwrap();
    });
    assert_tells(&failed, &["deadlock", "main waits to read-lock cache"]);
}

struct Event {
    is_set: Mutex<bool>,
    changed: Condvar,
}

fn waiter_and_setter(wait: fn(&Event), set: fn(&Event)) -> Failed {
    fails(move || {
        let event = Arc::new(Event { is_set: Mutex::new(false), changed: Condvar::new() });
        let other = event.clone();
        let waiter = named("waiter", move || wait(&other));
        let setter = named("setter", move || set(&event));
        waiter.join().unwrap();
        setter.join().unwrap();
    })
}

#[test]
fn a_lost_wakeup_says_which_notification_nobody_heard() {
    let failed = waiter_and_setter(
        |event| {
            if !*event.is_set.lock().unwrap() {
                drop(event.changed.wait(event.is_set.lock().unwrap()).unwrap());
            }
        },
        |event| {
            *event.is_set.lock().unwrap() = true;
            event.changed.notify_all();
        },
    );
    assert_eq!(failed.headline(), "waiter waits for ever");
    assert_tells(
        &failed,
        &[
            "waiter waits to be notified on changed",
            "When setter notified changed in line @event.changed.notify_all();@, nobody was waiting: the notification is lost.",
            "notifies all on changed: nobody is",
        ],
    );
}

#[test]
fn a_spurious_wakeup_is_named() {
    let failed = waiter_and_setter(
        |event| {
            let mut is_set = event.is_set.lock().unwrap();
            if !*is_set {
                is_set = event.changed.wait(is_set).unwrap();
            }
            assert!(*is_set, "came back before the event");
        },
        |event| {
            *event.is_set.lock().unwrap() = true;
            event.changed.notify_all();
        },
    );
    assert_tells(
        &failed,
        &["waiter panics: came back before the event", "wakes up without a notification (a spurious wakeup)"],
    );
}

#[test]
fn an_endless_loop_says_where_and_folds_the_rest() {
    let failed = fails(|| {
        let ready = AtomicBool::new(false);
        while !ready.load(SeqCst) {
            std::hint::spin_loop();
        }
    });
    assert_tells(
        &failed,
        &[
            "main never comes to an end",
            "goes around and around in lines @while !ready.load(SeqCst) {@ to @std::hint::spin_loop();@ of",
            "(these 2 steps again and again, for ever)",
        ],
    );
    assert!(failed.to_string().lines().count() < 20, "{failed}");
}

#[test]
fn an_endless_loop_that_sleeps_is_somebody_s() {
    let failed = fails(|| {
        named("sleeper", || {
            loop {
                thread::sleep(Duration::from_millis(1));
            }
        })
        .join()
        .unwrap();
    });
    assert_tells(&failed, &["sleeper never comes to an end", "sleeper goes around and around in line"]);
}

#[test]
fn a_thread_that_nobody_joins_is_reported_with_its_birthplace() {
    let failed = Check::new()
        .must_join()
        .try_run(|| {
            let done = Arc::new(Mutex::new(false));
            named("forgotten", move || *done.lock().unwrap() = true);
        })
        .unwrap_err();
    assert_tells(
        &failed,
        &["forgotten is still running when everything is over", "nobody has joined forgotten, started at"],
    );
}

#[test]
fn the_cause_is_told_and_not_the_join_that_passes_it_on() {
    let failed = fails(|| named("worker", || panic!("out of paper")).join().unwrap());
    assert!(
        failed
            .headline()
            .starts_with("worker panics: out of paper\n    at crates/interleave/tests/reports.rs:"),
        "{failed}"
    );
    let failed = fails(|| {
        thread::scope(|s| {
            s.spawn(|| panic!("out of ink"));
        });
    });
    assert!(failed.headline().starts_with("thread 1 panics: out of ink"), "{failed}");
    let failed = fails(|| drop(named("worker", || panic!("unseen"))));
    assert!(failed.headline().starts_with("worker panics: unseen"), "{failed}");
}

#[test]
fn to_end_the_process_is_reported() {
    let failed = fails(|| named("worker", || std::process::exit(0)).join().unwrap());
    assert!(
        failed.headline().starts_with("worker ends the whole process: std::process::exit(0) at"),
        "{failed}"
    );
}

#[test]
fn prints_appear_in_the_column_of_their_thread() {
    let failed = fails(|| {
        named("clerk", || {
            println!("next, please");
            assert_eq!(dbg!(40 + 2), 42);
        })
        .join()
        .unwrap();
        let counter = Mutex::new(1);
        assert_eq!(*counter.lock().unwrap(), 2);
    });
    assert_tells(&failed, &["prints next, please", "prints 40 + 2 = 42"]);
}

#[test]
fn a_scenario_that_differs_from_run_to_run_is_refused() {
    let runs = std::cell::Cell::new(0);
    let failed = fails(move || {
        runs.set(runs.get() + 1);
        let m = Arc::new(Mutex::new(0));
        let threads: Vec<_> = (0..2 + runs.get() % 2)
            .map(|_| {
                let m = m.clone();
                thread::spawn(move || *m.lock().unwrap() += 1)
            })
            .collect();
        threads.into_iter().for_each(|t| t.join().unwrap());
    });
    assert!(failed.headline().contains("does not do the same in every run"), "{failed}");
}

#[test]
fn what_was_made_outside_the_scenario_is_refused() {
    let queue = Arc::new(Mutex::new(vec![1, 2, 3]));
    let failed = fails(move || {
        let other = queue.clone();
        let thread = thread::spawn(move || other.lock().unwrap().pop());
        queue.lock().unwrap().push(4);
        thread.join().unwrap();
    });
    assert_tells(
        &failed,
        &["the Mutex made at", "reports.rs:", "is used in more than one run", "make it inside the scenario"],
    );
    let (sender, receiver) = mpsc::channel::<u32>();
    let failed = fails(move || {
        sender.send(1).unwrap();
        assert_eq!(receiver.recv(), Ok(1));
        let lock = Mutex::new(());
        thread::scope(|s| {
            for _ in 0..2 {
                s.spawn(|| drop(lock.lock()));
            }
        });
    });
    assert_tells(&failed, &["the channel made at", "is used in more than one run"]);
}

#[test]
fn a_long_story_is_folded() {
    let failed = fails(|| {
        let n = Arc::new(AtomicU32::new(0));
        let other = n.clone();
        let counter = named("counter", move || {
            for _ in 0..100 {
                other.fetch_add(1, SeqCst);
            }
        });
        counter.join().unwrap();
        assert_eq!(n.load(SeqCst), 99);
    });
    assert_tells(&failed, &["adds to n: 0 → 1", "steps left out here", "adds to n: 99 → 100"]);
    assert!(failed.to_string().lines().count() < 200);
}

#[test]
fn an_old_value_is_called_so() {
    let failed = fails(|| {
        let (data, ready) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
        let (theirs, flag) = (data.clone(), ready.clone());
        let writer = named("writer", move || {
            theirs.store(42, Relaxed);
            flag.store(true, Relaxed);
        });
        if ready.load(Acquire) {
            assert_eq!(data.load(Relaxed), 42, "ready, but no data");
        }
        writer.join().unwrap();
    });
    assert_tells(&failed, &["loads data: 0, an old value: no ordering forbids it"]);
}

#[test]
fn a_time_out_is_called_so() {
    let failed = fails(|| {
        let pair = (Mutex::new(false), Condvar::new());
        let (_guard, result) = pair.1.wait_timeout(pair.0.lock().unwrap(), Duration::from_secs(1)).unwrap();
        assert!(!result.timed_out(), "the time is up");
    });
    assert_tells(&failed, &["the time is up", "wakes up because its time is up"]);
}

#[test]
fn the_same_scenario_gives_the_same_report() {
    assert_eq!(fails(lost_update).to_string(), fails(lost_update).to_string());
}

#[test]
fn a_panic_that_leaves_others_waiting_is_told_first() {
    let failed = fails(|| {
        let tap = Arc::new(Event { is_set: Mutex::new(false), changed: Condvar::new() });
        let other = tap.clone();
        let thirsty = named("thirsty", move || {
            drop(other.changed.wait_while(other.is_set.lock().unwrap(), |is_set| !*is_set).unwrap());
        });
        let plumber = named("plumber", || panic!("no water"));
        thirsty.join().unwrap();
        plumber.join().unwrap();
    });
    assert_tells(&failed, &["plumber panics: no water", "after that, thirsty waits for ever"]);
}

#[test]
fn an_endless_story_has_a_short_schedule() {
    let failed = fails(|| {
        let ready = Arc::new(AtomicBool::new(false));
        let spinners = ["one", "two"].map(|name| {
            let ready = ready.clone();
            named(name, move || while !ready.load(SeqCst) {})
        });
        spinners.into_iter().for_each(|t| t.join().unwrap());
    });
    assert_tells(&failed, &["one and two never come to an end"]);
    assert!(failed.schedule().len() < 100, "{failed}");
    assert!(failed.to_string().lines().count() < 80, "{failed}");
}

#[test]
fn time_passes_for_a_sleeper_while_another_only_spins() {
    let scenario = || {
        let set = Arc::new(AtomicBool::new(false));
        let other = set.clone();
        let spinner = named("spinner", move || {
            while !other.load(SeqCst) {
                thread::yield_now();
            }
        });
        thread::sleep(Duration::from_millis(5));
        set.store(true, SeqCst);
        spinner.join().unwrap();
    };
    assert!(Check::new().try_run(scenario).is_ok());
    assert!(Check::new().wakeups(0).try_run(scenario).is_ok());
}

#[test]
fn a_poisoned_lock_is_told_as_the_panic_that_poisoned_it() {
    let failed = fails(|| {
        let ledger = Arc::new(Mutex::new(0));
        let other = ledger.clone();
        let clerk = named("clerk", move || {
            let _held = other.lock().unwrap();
            panic!("spilt the ink");
        });
        assert!(clerk.join().is_err());
        *ledger.lock().unwrap() += 1;
    });
    assert_tells(&failed, &["clerk panics: spilt the ink"]);
}
