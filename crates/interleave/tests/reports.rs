//! What a failing check says. Each report is read as a learner would: the first sentence, who waits for whom, the
//! lines in their order.

#[macro_use]
extern crate interleave as std;

use interleave::{Check, Failed};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::*};
use std::sync::{Arc, Condvar, Mutex, OnceLock, RwLock, mpsc};
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
    // Where a line is broken doesn't matter.
    let text = failed.to_string();
    let words = text.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let mut rest = &words[..];
    for piece in pieces {
        let parts = piece.split('@').enumerate();
        let piece: String =
            parts.map(|(i, part)| if i % 2 == 1 { line(part).to_string() } else { part.into() }).collect();
        let piece = piece.as_str();
        let Some(at) = rest.find(piece) else {
            panic!("\"{piece}\" is missing, or comes too early, in:\n{text}")
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
            "reader acted on a value that was no longer true: it read 0 from visits in step 1 (line",
            "robot changed it to 1 in step 3 (line",
            "and reader wrote 1 over it in step 4 (line",
            "Reading and writing are two steps here",
            "step reader robot visits",
            "@let seen = visits.load(SeqCst);@ let seen =",
            "loads visits: 0",
            "stores visits: 1, was 0",
            "stores visits: 1, over",
            "main",
            "One interruption is enough. Without it, no run fails. 4 of the 6 possible",
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
            "back waits for the lock a in line @let _to = a2.lock().unwrap();@: let _to",
            "a is held by there since step 1, line @let _from = a.lock().unwrap();@: let _from = a.lock().unwrap();",
            "there waits for the lock b in line",
            "b is held by back since step 2, line @let _from = b2.lock().unwrap();@: let _from = b2.lock().unwrap();",
            "waits for b, held by back",
            "waits for a, held by there",
            "1 of the 4 possible",
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
    assert_eq!(failed.headline(), "deadlock: main is waiting for a lock that main already holds");
    assert_tells(
        &failed,
        &[
            "ledger is held by main itself since step 1, line @let _total = ledger.lock().unwrap();@:",
            "let _total = ledger.lock().unwrap();",
            "waits for ledger, held by itself",
            "There is only one interleaving, and it ends like this.",
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
    assert_tells(
        &failed,
        &[
            "deadlock: main is waiting for a lock that main already holds",
            "main waits to read-lock cache in line @let inner = cache.read().unwrap();@",
            "cache is read-locked by main itself since step",
            "writer waits to write-lock cache in line @move || *cache.write().unwrap() += 1@",
            "So main waits for writer, and writer",
            "waits until main releases cache.",
        ],
    );
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
    assert_eq!(failed.headline(), "waiter waits forever");
    assert_tells(
        &failed,
        &[
            "waiter waits to be notified on changed",
            "When setter notified changed in step 3 (line",
            "no thread was waiting. So the notification is lost: waiter began to wait in step 5, and nothing wakes it.",
            "writes is_set: true",
            "notifies all on changed: no",
            "unlocks is_set and waits on",
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
        &[
            "waiter panics: came back before the event",
            "waiter woke up in step 3 (line",
            "although no thread had notified it: a",
            "spurious wakeup, which std allows.",
            "wakes up without a notification (a spurious wakeup)",
            "One spurious wakeup is enough.",
        ],
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
            "main never ends",
            "loops in lines @while !ready.load(SeqCst) {@ to @std::hint::spin_loop();@ of",
            "these 2 steps again and again, forever",
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
    assert_tells(&failed, &["sleeper never ends", "sleeper loops in line"]);
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
        &[
            "forgotten is still running at the end",
            "forgotten was started and never joined, in line",
            "Builder::new()",
        ],
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
    assert_tells(&failed, &["adds to n: 0 → 1", "steps left out", "adds to n: 99 → 100"]);
    assert!(failed.to_string().lines().count() < 40, "{failed}");
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
    assert_tells(
        &failed,
        &[
            "main loaded data in step 4 (line",
            "and got 0, an old value. writer had already",
            "stored 42 in step 1 (line",
            "If the store of ready in step 2 (line",
            "were Release (it is Relaxed), main",
            "would see everything that writer did before it stored ready.",
            "loads data: 0, an old value",
            "One interruption and one old value are enough.",
        ],
    );
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
    assert_tells(&failed, &["plumber panics: no water", "after that, thirsty waits forever"]);
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
    assert_tells(&failed, &["one and two never end"]);
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
    assert_tells(
        &failed,
        &[
            "clerk panics: spilt the ink",
            "clerk panicked while it held ledger, which it had locked in step 1 (line",
            "main called unwrap()",
        ],
    );
}

#[test]
fn a_kept_sender_is_named_with_its_line_and_its_thread() {
    let failed = fails(|| {
        let (lines, inbox) = mpsc::channel();
        let worker = named("worker", {
            let lines = lines.clone();
            move || lines.send(1).unwrap()
        });
        worker.join().unwrap();
        while inbox.recv().is_ok() {}
    });
    assert_eq!(failed.headline(), "main waits forever");
    assert_tells(
        &failed,
        &[
            "main waits for a message sent with lines in line @while inbox.recv().is_ok() {}@",
            "A sender of the channel lines is still alive:",
            "the one that main made, in line @let (lines, inbox) = mpsc::channel();@",
            "Only when every sender",
        ],
    );
    // One that another thread keeps.
    let failed = fails(|| {
        let (lines, inbox) = mpsc::channel();
        let done = Arc::new(Event { is_set: Mutex::new(false), changed: Condvar::new() });
        let (theirs, copy) = (done.clone(), lines.clone());
        let worker = named("worker", move || {
            copy.send(1).unwrap();
            drop(theirs.changed.wait_while(theirs.is_set.lock().unwrap(), |is_set| !*is_set).unwrap());
        });
        drop(lines);
        assert_eq!(inbox.iter().count(), 1);
        *done.is_set.lock().unwrap() = true;
        done.changed.notify_all();
        worker.join().unwrap();
    });
    assert_tells(
        &failed,
        &["A sender of the channel", "the clone that main made and worker sends with, in line"],
    );
}

#[test]
fn a_once_that_waits_for_itself_is_told() {
    let failed = fails(|| {
        static CONFIG: OnceLock<u32> = OnceLock::new();
        fn config() -> u32 {
            *CONFIG.get_or_init(|| port() + 1)
        }
        fn port() -> u32 {
            config()
        }
        config();
    });
    assert_tells(
        &failed,
        &[
            "main waits forever",
            "main waits for CONFIG to be initialized in line @*CONFIG.get_or_init(|| port() + 1)@",
            "but main itself has been initializing CONFIG since step 1",
            "asks for CONFIG, and so waits for itself.",
        ],
    );
}

#[test]
fn an_update_under_two_short_locks_is_told_as_a_read_and_a_write() {
    let failed = fails(|| {
        let balance = Arc::new(Mutex::new(1000));
        let customers = ["Ann", "Bob"].map(|name| {
            let balance = balance.clone();
            named(name, move || {
                let current = *balance.lock().unwrap();
                *balance.lock().unwrap() = current - 700;
            })
        });
        customers.into_iter().for_each(|c| c.join().unwrap());
        assert_eq!(*balance.lock().unwrap(), -400, "an update is lost");
    });
    assert_tells(
        &failed,
        &[
            "Ann acted on a value that was no longer true: it read 1000 from balance in step 1",
            "Bob changed it to 300 in step 3",
            "and Ann wrote 300 over it in step 4",
            "Ann released the lock in between",
            "reads balance: 1000",
            "writes balance: 300, was 1000",
            "writes balance: 300, over the 300",
        ],
    );
}

#[test]
fn half_of_a_change_is_told() {
    let failed = fails(|| {
        let accounts = Arc::new([Mutex::new(100), Mutex::new(100)]);
        let theirs = accounts.clone();
        let clerk = named("clerk", move || {
            *theirs[0].lock().unwrap() -= 30;
            *theirs[1].lock().unwrap() += 30;
        });
        let first = *accounts[0].lock().unwrap();
        let second = *accounts[1].lock().unwrap();
        assert_eq!(first + second, 200, "money is missing");
        clerk.join().unwrap();
    });
    assert_tells(&failed, &["money is missing", "main saw one half of what clerk changed: it read"]);
}

#[test]
fn a_thread_that_waits_has_a_row_and_so_has_the_release_that_it_waits_for() {
    let scenario = || {
        let (queue, steps) = (Arc::new(Mutex::new(0)), Arc::new(AtomicU32::new(0)));
        let workers = ["first", "second"].map(|name| {
            let (queue, steps) = (queue.clone(), steps.clone());
            named(name, move || {
                steps.fetch_add(1, SeqCst);
                let mut jobs = queue.lock().unwrap();
                steps.fetch_add(1, SeqCst);
                *jobs += 1;
            })
        });
        workers.into_iter().for_each(|worker| worker.join().unwrap());
        panic!("on purpose");
    };
    // The second worker comes to the lock while the first one has it.
    let failed = Check::new().replay("112122").try_run(scenario).unwrap_err();
    assert_tells(
        &failed,
        &[
            "adds to steps: 0 → 1",
            "locks queue: 0",
            "adds to steps: 1 → 2",
            "waits for queue, held by first",
            "unlocks queue, now 1",
            "locks queue: 1, writes",
        ],
    );
}

#[test]
fn a_thread_that_comes_to_a_free_lock_waits_as_soon_as_another_takes_it() {
    let scenario = || {
        let (queue, steps) = (Arc::new(Mutex::new(0)), Arc::new(AtomicU32::new(0)));
        let workers = ["first", "second"].map(|name| {
            let (queue, steps) = (queue.clone(), steps.clone());
            named(name, move || {
                let mut jobs = queue.lock().unwrap();
                steps.fetch_add(1, SeqCst);
                *jobs += 1;
            })
        });
        workers.into_iter().for_each(|worker| worker.join().unwrap());
        panic!("on purpose");
    };
    let failed = Check::new().replay("1122").try_run(scenario).unwrap_err();
    assert_tells(
        &failed,
        &[
            "locks queue: 0",
            "waits for queue, held by first",
            "adds to steps: 0 → 1",
            "unlocks queue, now 1",
            "is woken by first; locks queue: 1, writes",
        ],
    );
}

#[test]
fn a_thread_that_waits_has_a_row_whatever_the_failure_is() {
    let failed = fails(|| {
        let (jobs, queue) = mpsc::channel::<u32>();
        let queue = Arc::new(Mutex::new(queue));
        for name in ["worker 1", "worker 2"] {
            let queue = queue.clone();
            named(name, move || while queue.lock().unwrap().recv().is_ok() {});
        }
        jobs.send(1).unwrap();
        // Time passes when every thread waits.
        thread::sleep(Duration::from_secs(1));
        assert!(Arc::strong_count(&queue) < 3, "both workers are still there");
    });
    assert_tells(
        &failed,
        &[
            "both workers are still there",
            "had not ended when main panicked in step",
            "had not ended either.",
            "queue is held by worker",
            "waits for queue, held by worker",
        ],
    );
}

#[test]
fn a_value_that_two_threads_share_by_mistake_is_told() {
    let failed = fails(|| {
        static ID: OnceLock<u32> = OnceLock::new();
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let ids = ["Ann", "Bob"].map(|name| named(name, || *ID.get_or_init(|| NEXT.fetch_add(1, SeqCst))));
        let [ann, bob] = ids.map(|id| id.join().unwrap());
        assert!(ann != bob, "two threads have one number");
    });
    assert_tells(
        &failed,
        &[
            "Bob found ID already initialized in step",
            "Ann had initialized it in step 1",
            "one ID for all threads",
        ],
    );
}

#[test]
fn a_panic_that_was_caught_is_told_with_what_became_of_the_thread() {
    let failed = fails(|| {
        let worker = named("worker", || {
            let _ = std::panic::catch_unwind(|| panic!("a bad job"));
            std::hint::black_box(AtomicU32::new(0).load(SeqCst))
        });
        assert!(worker.join().unwrap() == 1, "nothing was counted");
    });
    assert_tells(
        &failed,
        &["worker panicked in step 1: \"a bad job\". worker caught that panic and continued."],
    );
}

#[test]
fn namesakes_are_numbered() {
    let failed = fails(|| {
        let visits = Arc::new(AtomicU32::new(0));
        let threads = ["writer"; 2].map(|name| {
            let visits = visits.clone();
            named(name, move || {
                let seen = visits.load(SeqCst);
                visits.store(seen + 1, SeqCst);
            })
        });
        threads.into_iter().for_each(|t| t.join().unwrap());
        assert_eq!(visits.load(SeqCst), 2, "two visits were counted");
    });
    assert_tells(&failed, &["writer #1 acted on a value", "step writer #1 writer #2 visits"]);
}

#[test]
fn values_that_cannot_be_shown_are_read_and_changed() {
    struct Cards(u32);
    let failed = fails(|| {
        let cards = Arc::new(Mutex::new(Cards(0)));
        let players = ["Ann", "Bob"].map(|name| {
            let cards = cards.clone();
            named(name, move || {
                let seen = cards.lock().unwrap().0;
                cards.lock().unwrap().0 = seen + 1;
            })
        });
        players.into_iter().for_each(|player| player.join().unwrap());
        assert!(cards.lock().unwrap().0 == 2, "a card is missing");
    });
    assert_tells(
        &failed,
        &[
            "Ann acted on what was no longer true: it read cards in step 1",
            "Bob changed cards in step 3",
            "Ann changed it in step 4",
            "reads cards",
            "changes cards",
        ],
    );
}

/// Every kind of failure says why, and shows the steps that it names.
#[test]
fn every_report_has_a_reason_and_the_steps_that_it_names() {
    let rich = || {
        let accounts = Arc::new([Mutex::new(100), Mutex::new(100)]);
        let theirs = accounts.clone();
        let clerk = named("clerk", move || {
            for _ in 0..40 {
                *theirs[0].lock().unwrap() -= 1;
                *theirs[1].lock().unwrap() += 1;
            }
        });
        let first = *accounts[0].lock().unwrap();
        let second = *accounts[1].lock().unwrap();
        clerk.join().unwrap();
        assert_eq!(first + second, 200, "money is missing");
    };
    for failed in [
        fails(lost_update),
        fails(rich),
        fails(|| drop(named("worker", || panic!("unseen")))),
        fails(|| named("worker", || std::process::exit(0)).join().unwrap()),
        fails(|| {
            let ready = AtomicBool::new(false);
            while !ready.load(SeqCst) {
                std::hint::spin_loop();
            }
        }),
        Check::new().must_join().try_run(|| drop(thread::spawn(|| ()))).unwrap_err(),
    ] {
        let text = failed.to_string();
        // A run without a step worth a row has no table.
        let (before, table) = text.split_once(" step │").unwrap_or((&text, ""));
        // The headline, the reason, and the line that names the file.
        let reason = before.split("\n\n").nth(1).filter(|reason| !reason.starts_with("crates/"));
        let reason = reason.unwrap_or_else(|| panic!("{text}")).replace('\n', " ");
        let rows: Vec<&str> =
            table.lines().filter_map(|line| line.split_once('│').map(|(number, _)| number.trim())).collect();
        for rest in reason.split("step ").skip(1) {
            let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
            assert!(number.is_empty() || rows.contains(&&*number), "step {number} is missing in:\n{text}");
        }
    }
}

#[test]
fn who_is_woken_and_who_sleeps_on_is_told() {
    let failed = fails(|| {
        let event = Arc::new(Event { is_set: Mutex::new(false), changed: Condvar::new() });
        let runners = ["Ann", "Bob"].map(|name| {
            let event = event.clone();
            named(name, move || {
                drop(event.changed.wait_while(event.is_set.lock().unwrap(), |is_set| !*is_set).unwrap());
            })
        });
        *event.is_set.lock().unwrap() = true;
        event.changed.notify_one();
        runners.into_iter().for_each(|runner| runner.join().unwrap());
    });
    assert_tells(
        &failed,
        &[
            "waits forever",
            "The last notification of changed, by main in step",
            "slept on.",
            "notifies one on changed: wakes",
            "sleeps on",
            "is woken by main; ",
        ],
    );
}

#[test]
fn a_report_is_no_longer_than_a_page() {
    let failed = fails(|| {
        let n = Arc::new(AtomicU32::new(0));
        let threads: Vec<_> = (0..6)
            .map(|_| {
                let n = n.clone();
                thread::spawn(move || {
                    for _ in 0..20 {
                        let seen = n.load(SeqCst);
                        n.store(seen + 1, SeqCst);
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(n.load(SeqCst), 120, "all are counted");
    });
    let text = failed.to_string();
    assert!(text.lines().count() <= 35, "{text}");
    let rows = text.lines().skip_while(|line| !line.starts_with("──────┼")).skip(1);
    assert!(rows.filter(|line| line.contains('│')).count() <= 24, "{text}");
    assert_tells(&failed, &["that was no longer true", "steps left out"]);
}

#[test]
fn the_report_is_plain_english() {
    let texts =
        [fails(lost_update).to_string(), fails(|| drop(named("worker", || panic!("unseen")))).to_string()];
    for text in texts {
        for word in ["«", "nobody", "for ever", "whoever"] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
}

/// The other thread could go on while time passes. The run is recorded as it was found all the same.
#[test]
fn time_passes_in_the_report_as_in_the_run() {
    let scenario = || {
        let (is_over, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        let (ends, counts) = (Arc::clone(&is_over), Arc::clone(&count));
        let counter = thread::spawn(move || {
            for _ in 0..300 {
                if ends.load(SeqCst) {
                    break;
                }
                counts.fetch_add(1, SeqCst);
            }
        });
        thread::sleep(Duration::from_secs(1));
        let after_a_second = count.load(SeqCst);
        is_over.store(true, SeqCst);
        counter.join().unwrap();
        assert!(after_a_second == 300, "only {after_a_second} after a second");
    };
    let failed = Check::new().try_run(scenario).unwrap_err();
    assert!(failed.to_string().contains("has slept"), "{failed}");
    let again = Check::new().replay(failed.schedule()).try_run(scenario).unwrap_err();
    assert_eq!(again.headline(), failed.headline());
}
