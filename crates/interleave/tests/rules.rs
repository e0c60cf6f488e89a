//! The explorer's own rules, one by one, where no program of the other tests depends on them.

#![allow(missing_docs)]

#[macro_use]
extern crate interleave as std; // in this test, std's threads are explored

use interleave::{Check, Ending, Passed};
use std::sync::atomic::{AtomicUsize, Ordering, Ordering::*, fence};
use std::sync::{Arc, Barrier, Condvar, Mutex, Once, RwLock, RwLockWriteGuard, mpsc};
use std::thread;
use std::time::Duration;

fn atomic() -> Arc<AtomicUsize> {
    Arc::new(AtomicUsize::new(0))
}

/// What a scenario can return, without a spurious wakeup.
fn returns<T: Ord + Clone + 'static>(scenario: impl Fn() -> T + 'static) -> Vec<T> {
    let outcomes = interleave::outcomes(scenario);
    let returned = |row: &interleave::Outcome<T>| match &row.ending {
        Ending::Returned(value) => value.clone(),
        Ending::Failed(how) => panic!("{how}"),
    };
    outcomes.rows().iter().map(returned).collect()
}

fn passes(scenario: impl Fn() + 'static) -> Passed {
    Check::new().try_run(scenario).unwrap_or_else(|failed| panic!("{failed}"))
}

fn fails(scenario: impl Fn() + 'static) {
    if let Ok(passed) = Check::new().try_run(scenario) {
        panic!("a wrong program is accepted: {passed}");
    }
}

#[test]
fn a_notification_wakes_any_one_of_those_who_wait() {
    /// Who waits for a permit, how many there are, and who had the first.
    #[derive(Default)]
    struct Queue {
        waiting: usize,
        permits: usize,
        first: usize,
    }
    let first_woken = || {
        let shared = Arc::new((Mutex::new(Queue::default()), Condvar::new(), Condvar::new()));
        let waiters = [1, 2].map(|me| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let (queue, changed, permit) = &*shared;
                // The second comes second, so that the order of waiting is always the same.
                let mut queue = changed.wait_while(queue.lock().unwrap(), |q| q.waiting + 1 < me).unwrap();
                queue.waiting += 1;
                changed.notify_all();
                let mut queue = permit.wait_while(queue, |q| q.permits == 0).unwrap();
                queue.permits -= 1;
                if queue.first == 0 {
                    queue.first = me;
                }
                changed.notify_all();
            })
        });
        let (queue, changed, permit) = &*shared;
        let mut queue = changed.wait_while(queue.lock().unwrap(), |q| q.waiting < 2).unwrap();
        queue.permits = 1;
        permit.notify_one();
        let mut queue = changed.wait_while(queue, |q| q.first == 0).unwrap();
        queue.permits = 1;
        permit.notify_one();
        let first = queue.first;
        drop(queue);
        waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
        first
    };
    assert_eq!(returns(first_woken), [1, 2]);
}

#[test]
fn a_weak_exchange_may_fail_for_no_reason() {
    fails(|| {
        assert!(AtomicUsize::new(1).compare_exchange_weak(1, 2, SeqCst, SeqCst).is_ok());
    });
    passes(|| {
        assert!(AtomicUsize::new(1).compare_exchange(1, 2, SeqCst, SeqCst).is_ok());
    });
}

#[test]
fn a_time_out_may_fire_while_others_could_go_on() {
    fails(|| {
        let shared = Arc::new((Mutex::new(false), Condvar::new()));
        let theirs = Arc::clone(&shared);
        let sets = thread::spawn(move || {
            *theirs.0.lock().unwrap() = true;
            theirs.1.notify_one();
        });
        let limit = Duration::from_secs(3600);
        let set = shared.1.wait_timeout_while(shared.0.lock().unwrap(), limit, |set| !*set).unwrap();
        assert!(!set.1.timed_out(), "an hour is not enough on every schedule");
        drop(set);
        sets.join().unwrap();
    });
}

#[test]
fn what_is_known_to_a_thread_is_known_to_those_that_it_starts() {
    passes(|| {
        let x = atomic();
        let (first, second) = (Arc::clone(&x), Arc::clone(&x));
        thread::spawn(move || first.store(1, Relaxed)).join().unwrap();
        thread::spawn(move || assert_eq!(second.load(Relaxed), 1)).join().unwrap();
    });
}

#[test]
fn a_sequentially_consistent_fence_orders_a_store_before_a_load() {
    let store_buffering = |order| {
        move || {
            let (x, y) = (atomic(), atomic());
            let (x1, y1) = (Arc::clone(&x), Arc::clone(&y));
            let other = thread::spawn(move || {
                x1.store(1, Relaxed);
                fence(order);
                y1.load(Relaxed)
            });
            y.store(1, Relaxed);
            fence(order);
            let mine = x.load(Relaxed);
            assert!(mine + other.join().unwrap() >= 1, "both missed the other's store");
        }
    };
    passes(store_buffering(SeqCst));
    fails(store_buffering(AcqRel));
}

#[test]
fn a_sequentially_consistent_fence_hands_on_what_it_acquires() {
    passes(|| {
        let (data, flag, y) = (atomic(), atomic(), atomic());
        let (d, f) = (Arc::clone(&data), Arc::clone(&flag));
        let publishes = thread::spawn(move || {
            d.store(1, Relaxed);
            f.store(1, Release);
        });
        let (f, y1) = (Arc::clone(&flag), Arc::clone(&y));
        let looks = thread::spawn(move || {
            let flag = f.load(Relaxed);
            fence(SeqCst);
            (flag, y1.load(Relaxed))
        });
        y.store(1, Relaxed);
        fence(SeqCst);
        let data = data.load(Relaxed);
        publishes.join().unwrap();
        assert!(looks.join().unwrap() != (1, 0) || data == 1, "C++20 [atomics.order] forbids it");
    });
}

#[test]
fn a_static_begins_every_run_as_it_was_made() {
    static COUNT: AtomicUsize = AtomicUsize::new(7);
    static WORDS: Mutex<Vec<u8>> = Mutex::new(Vec::new());
    let passed = passes(|| {
        let other = thread::spawn(|| {
            COUNT.fetch_add(1, SeqCst);
            WORDS.lock().unwrap().push(1);
        });
        COUNT.fetch_add(1, SeqCst);
        other.join().unwrap();
        assert_eq!((COUNT.load(SeqCst), WORDS.lock().unwrap().len()), (9, 1));
    });
    assert!(passed.runs() > 1);
}

#[test]
fn a_panic_in_a_thread_that_nobody_joins_is_a_failure() {
    fails(|| drop(thread::spawn(|| panic!("on purpose"))));
    passes(|| assert!(thread::spawn(|| panic!("on purpose")).join().is_err()));
}

#[test]
fn two_in_a_circle_are_reported_although_a_third_goes_on() {
    let failed = Check::new().try_run(|| {
        let locks = Arc::new((Mutex::new(()), Mutex::new(())));
        for first in [true, false] {
            let locks = Arc::clone(&locks);
            thread::spawn(move || {
                let (a, b) = if first { (&locks.0, &locks.1) } else { (&locks.1, &locks.0) };
                let _a = a.lock().unwrap();
                let _b = b.lock().unwrap();
            });
        }
        (0..20).for_each(|_| thread::yield_now());
    });
    let headline = failed.unwrap_err().headline().to_string();
    assert!(headline.contains("wait for each other"), "{headline}");
}

#[test]
fn the_failure_that_is_shown_needs_the_fewest_interruptions() {
    let failed = Check::new().try_run(|| {
        let (x, y) = (atomic(), atomic());
        let (x1, y1) = (Arc::clone(&x), Arc::clone(&y));
        let other = thread::spawn(move || {
            for cell in [&x1, &y1] {
                let seen = cell.load(SeqCst);
                cell.store(seen + 1, SeqCst);
            }
        });
        for cell in [&x, &y] {
            let seen = cell.load(SeqCst);
            cell.store(seen + 1, SeqCst);
        }
        other.join().unwrap();
        assert!(x.load(SeqCst) + y.load(SeqCst) > 3, "an increment is lost");
    });
    assert_eq!(failed.unwrap_err().interruptions(), 1);
}

#[test]
fn virtual_time_passes_by_as_much_as_is_slept() {
    passes(|| {
        let start = std::time::Instant::now();
        let other = thread::spawn(|| thread::sleep(Duration::from_secs(2)));
        thread::sleep(Duration::from_secs(1));
        assert!(start.elapsed() >= Duration::from_secs(1));
        other.join().unwrap();
        assert!(start.elapsed() >= Duration::from_secs(2));
    });
}

#[test]
fn a_loop_that_spins_is_let_go_on_a_few_times_only_and_so_all_is_tried() {
    let passed = passes(|| {
        let flag = atomic();
        let theirs = Arc::clone(&flag);
        let sets = thread::spawn(move || theirs.store(1, Release));
        while flag.load(Acquire) == 0 {}
        sets.join().unwrap();
    });
    assert!(passed.is_complete(), "{passed}");
}

#[test]
fn a_writer_who_waits_may_keep_a_new_reader_out() {
    // A reader waits for another, who only comes while a writer waits: std may let them all wait for ever.
    let a_reader_waits_for = |late_reader_is_joined_while_reading: bool| {
        move || {
            let shared = Arc::new(RwLock::new(0));
            let reading = shared.read().unwrap();
            let (theirs, ours) = (Arc::clone(&shared), Arc::clone(&shared));
            let writer = thread::spawn(move || *theirs.write().unwrap() += 1);
            let late = thread::spawn(move || *ours.read().unwrap());
            if late_reader_is_joined_while_reading {
                late.join().unwrap();
                drop(reading);
            } else {
                drop(reading);
                late.join().unwrap();
            }
            writer.join().unwrap();
        }
    };
    fails(a_reader_waits_for(true));
    assert!(passes(a_reader_waits_for(false)).is_exhaustive());
}

#[test]
fn a_reader_who_asks_again_while_a_writer_waits_waits_for_ever_without_bad_luck() {
    let again = Check::new().wakeups(0).try_run(|| {
        let shared = Arc::new(RwLock::new(0));
        let first = shared.read().unwrap();
        let theirs = Arc::clone(&shared);
        let writer = thread::spawn(move || *theirs.write().unwrap() += 1);
        assert_eq!(*first + *shared.read().unwrap(), 0);
        drop(first);
        writer.join().unwrap();
    });
    assert!(again.unwrap_err().headline().starts_with("deadlock"));
}

#[test]
fn the_failure_shown_has_the_fewest_interruptions_however_many_there_are() {
    let failed = Check::new().try_run(|| {
        let count = atomic();
        let visitors = [(); 3].map(|()| {
            let count = Arc::clone(&count);
            thread::spawn(move || {
                for _ in 0..6 {
                    let seen = count.load(SeqCst);
                    count.store(seen + 1, SeqCst);
                }
            })
        });
        visitors.into_iter().for_each(|visitor| visitor.join().unwrap());
        assert_eq!(count.load(SeqCst), 18);
    });
    assert_eq!(failed.unwrap_err().interruptions(), 1);
}

#[test]
fn an_exchange_that_fails_may_have_read_an_old_value() {
    let read = returns(|| {
        let (data, ready) = (atomic(), atomic());
        let (theirs, flag) = (Arc::clone(&data), Arc::clone(&ready));
        let writer = thread::spawn(move || {
            theirs.store(1, Relaxed);
            flag.store(1, Relaxed);
        });
        let seen = match ready.load(Relaxed) {
            0 => 7,
            _ => data.compare_exchange(5, 6, Relaxed, Relaxed).unwrap_err(),
        };
        writer.join().unwrap();
        seen
    });
    assert_eq!(read, [0, 1, 7]);
}

/// One visitor is counted by a loop that gives up after so many tries, while many come in elsewhere.
fn gives_up_after(tries: usize) -> impl Fn() {
    move || {
        let count = atomic();
        let add = move |count: &AtomicUsize| {
            let overtaken = |_| {
                let seen = count.load(SeqCst);
                count.compare_exchange(seen, seen + 1, SeqCst, SeqCst).is_err()
            };
            (0..tries).all(overtaken)
        };
        let theirs = Arc::clone(&count);
        let others = thread::spawn(move || (0..150).filter(|_| add(&theirs)).count());
        let gave_up = add(&count);
        assert_eq!((gave_up, others.join().unwrap()), (false, 0));
    }
}

#[test]
fn taking_turns_shows_a_loop_that_gives_up_when_it_is_overtaken_often() {
    for tries in [1, 2, 3, 10, 50, 100] {
        let failed = Check::new().in_turns().try_run(gives_up_after(tries)).unwrap_err();
        assert!(failed.headline().contains("left: (true, 0)"), "{tries}: {}", failed.headline());
        let again = Check::new().replay(failed.schedule()).try_run(gives_up_after(tries));
        assert_eq!(again.unwrap_err().headline(), failed.headline());
    }
    let passed = Check::new().in_turns().try_run(gives_up_after(usize::MAX)).unwrap();
    assert!(!passed.is_exhaustive() && passed.interruptions().is_none());
}

#[test]
fn taking_turns_ends_where_threads_step_aside_for_each_other() {
    let passed = Check::new().in_turns().try_run(|| {
        let forks = Arc::new([Mutex::new(()), Mutex::new(())]);
        let philosophers = [(0, 1), (1, 0)].map(|(first, second)| {
            let forks = Arc::clone(&forks);
            thread::spawn(move || {
                loop {
                    let _one = forks[first].lock().unwrap();
                    if forks[second].try_lock().is_ok() {
                        return;
                    }
                }
            })
        });
        philosophers.into_iter().for_each(|philosopher| philosopher.join().unwrap());
    });
    assert_eq!(passed.unwrap_or_else(|failed| panic!("{failed}")).runs(), 18);
}

/// A writer stores and then does `publish`; a reader that `sees` it does not find the store in every run, so that nothing in between
/// has ordered the two.
fn orders_nothing<T: Send + Sync + 'static>(
    shared: fn() -> T,
    publish: fn(&T, &AtomicUsize),
    sees: fn(&T, &AtomicUsize, &thread::JoinHandle<()>) -> bool,
) {
    let scenario = move || {
        let (shared, data, flag) = (Arc::new(shared()), atomic(), atomic());
        let (theirs, their_data, their_flag) = (Arc::clone(&shared), Arc::clone(&data), Arc::clone(&flag));
        let writer = thread::spawn(move || {
            their_data.store(1, Relaxed);
            publish(&theirs, &their_flag);
        });
        let seen = sees(&shared, &flag, &writer).then(|| data.load(Relaxed));
        writer.join().unwrap();
        seen
    };
    assert_eq!(returns(scenario), [None, Some(0), Some(1)]);
}

#[test]
fn to_see_that_a_thread_is_finished_orders_nothing() {
    orders_nothing(|| (), |(), _| (), |(), _, writer| writer.is_finished());
}

#[test]
fn a_notification_orders_nothing() {
    let notify = |changed: &Condvar, flag: &AtomicUsize| {
        changed.notify_all();
        flag.store(1, Relaxed);
    };
    orders_nothing(Condvar::new, notify, |changed, flag, _| {
        let told = flag.load(Relaxed) == 1;
        changed.notify_one();
        told
    });
}

/// A message orders what its own sender did before what its receiver does, and nothing else.
#[test]
fn a_send_does_not_know_of_the_sends_before_it() {
    let send = |(tx, _): &(mpsc::Sender<()>, Mutex<mpsc::Receiver<()>>), flag: &AtomicUsize| {
        tx.send(()).unwrap();
        flag.store(1, Relaxed);
    };
    orders_nothing(
        || {
            let (tx, rx) = mpsc::channel();
            (tx, Mutex::new(rx))
        },
        send,
        |(tx, _), flag, _| {
            let sent = flag.load(Relaxed) == 1;
            tx.send(()).unwrap();
            sent
        },
    );
}

#[test]
fn an_item_does_not_tell_what_another_sender_did_before_it_hung_up() {
    let scenario = || {
        let (tx, rx) = mpsc::channel();
        let data = atomic();
        let (other, their_data) = (tx.clone(), Arc::clone(&data));
        let hangs_up = thread::spawn(move || {
            their_data.store(1, Relaxed);
            drop(other);
        });
        tx.send(()).unwrap();
        rx.recv().unwrap();
        let before = data.load(Relaxed);
        drop(tx);
        assert!(rx.recv().is_err());
        let after = data.load(Relaxed);
        hangs_up.join().unwrap();
        (before, after)
    };
    assert_eq!(returns(scenario), [(0, 1), (1, 1)]);
}

/// A bounded channel is a semaphore: who gets room knows what the receiver did before it made it.
#[test]
fn a_send_that_waited_for_room_knows_what_the_receiver_did() {
    let scenario = || {
        let (tx, rx) = mpsc::sync_channel(1);
        let data = atomic();
        let their_data = Arc::clone(&data);
        tx.send(()).unwrap();
        let receiver = thread::spawn(move || {
            their_data.store(1, Relaxed);
            rx.recv().unwrap();
            rx
        });
        tx.send(()).unwrap();
        let known = data.load(Relaxed);
        drop(receiver.join().unwrap());
        known
    };
    assert_eq!(returns(scenario), [1]);
}

#[test]
fn a_daemon_may_wait_when_all_else_is_over_but_its_panic_counts() {
    let waits = |and_then: fn()| {
        move || {
            let (tx, rx) = mpsc::channel::<()>();
            thread::spawn(move || {
                and_then();
                let _ = rx.recv();
            });
            std::mem::forget(tx);
        }
    };
    let passed = Check::new().daemons().try_run(waits(|| ())).unwrap();
    assert!(passed.is_complete(), "{passed}");
    let failed = Check::new().try_run(waits(|| ())).unwrap_err();
    assert!(failed.headline().contains("waits forever"), "{failed}");
    let failed = Check::new().daemons().try_run(waits(|| panic!("in vain"))).unwrap_err();
    assert!(failed.headline().contains("in vain"), "{failed}");
}

#[test]
fn to_see_that_a_lock_is_not_poisoned_orders_nothing() {
    let lock = |lock: &Mutex<()>, flag: &AtomicUsize| {
        drop(lock.lock().unwrap());
        flag.store(1, Relaxed);
    };
    let is_sound =
        |lock: &Mutex<()>, flag: &AtomicUsize, _: &_| flag.load(Relaxed) == 1 && !lock.is_poisoned();
    orders_nothing(|| Mutex::new(()), lock, is_sound);
}

#[test]
fn to_see_that_a_once_is_not_completed_orders_nothing() {
    let run = |once: &Once, flag: &AtomicUsize| once.call_once(|| flag.store(1, Relaxed));
    let is_running = |once: &Once, flag: &AtomicUsize, _: &_| flag.load(Relaxed) == 1 && !once.is_completed();
    orders_nothing(Once::new, run, is_running);
}

#[test]
fn to_see_that_a_once_is_completed_orders_what_it_ran() {
    passes(|| {
        let shared = Arc::new((Once::new(), AtomicUsize::new(0)));
        let theirs = Arc::clone(&shared);
        let runs = thread::spawn(move || theirs.0.call_once(|| theirs.1.store(1, Relaxed)));
        if shared.0.is_completed() {
            assert_eq!(shared.1.load(Relaxed), 1);
        }
        runs.join().unwrap();
    });
}

#[test]
fn a_condition_variable_belongs_to_one_mutex() {
    let two_mutexes = |at_once: bool| {
        move || {
            let shared = Arc::new((Mutex::new(()), Mutex::new(()), Condvar::new()));
            let limit = Duration::from_secs(1);
            let theirs = Arc::clone(&shared);
            let other = thread::spawn(move || drop(theirs.2.wait_timeout(theirs.0.lock().unwrap(), limit)));
            let other = if at_once { Some(other) } else { other.join().map(|()| None).unwrap() };
            drop(shared.2.wait_timeout(shared.1.lock().unwrap(), limit));
            other.map(thread::JoinHandle::join);
        }
    };
    for at_once in [true, false] {
        let failed = Check::new().try_run(two_mutexes(at_once)).unwrap_err();
        assert!(failed.headline().contains("a condition variable with two mutexes"), "{failed}");
        assert!(failed.headline().contains("rules.rs:"), "{failed}");
    }
    // Two condition variables of one mutex are what a queue has.
    passes(|| {
        let (mutex, changed) = (Mutex::new(()), [Condvar::new(), Condvar::new()]);
        for changed in &changed {
            drop(changed.wait_timeout(mutex.lock().unwrap(), Duration::from_secs(1)));
        }
    });
}

#[test]
fn a_limit_that_nobody_lives_to_see_is_none() {
    for limit in [Duration::MAX, Duration::from_secs(u64::MAX)] {
        // None of these is over before what it waits for has come.
        passes(move || {
            let (sender, receiver) = mpsc::channel();
            let sends = thread::spawn(move || sender.send(1).unwrap());
            assert_eq!(receiver.recv_timeout(limit), Ok(1));
            sends.join().unwrap();
        });
        passes(move || {
            let shared = Arc::new((Mutex::new(false), Condvar::new()));
            let theirs = Arc::clone(&shared);
            let sets = thread::spawn(move || {
                *theirs.0.lock().unwrap() = true;
                theirs.1.notify_one();
            });
            let set = shared.1.wait_timeout_while(shared.0.lock().unwrap(), limit, |set| !*set).unwrap();
            assert!(!set.1.timed_out());
            drop(set);
            sets.join().unwrap();
        });
        // And a sleep is never over: it doesn't end because somebody else could go on, nor is time let pass for it.
        for waits in [thread::sleep, thread::park_timeout] {
            let failed = Check::new().wakeups(0).try_run(move || waits(limit)).unwrap_err();
            assert_eq!(failed.headline(), "main waits forever", "{failed}");
        }
    }
    // A day is over in the end, and may be over early.
    fails(|| {
        let (_sender, receiver) = mpsc::channel::<u32>();
        receiver.recv_timeout(Duration::from_secs(86_400)).unwrap();
    });
}

#[test]
fn a_writer_knows_what_the_readers_before_it_did() {
    passes(|| {
        let shared = Arc::new((RwLock::new(()), AtomicUsize::new(0), AtomicUsize::new(0)));
        let theirs = Arc::clone(&shared);
        let reader = thread::spawn(move || {
            let (lock, data, flag) = &*theirs;
            let _reading = lock.read().unwrap();
            data.store(1, Relaxed);
            flag.store(1, Relaxed);
        });
        let (lock, data, flag) = &*shared;
        let writing = lock.write().unwrap();
        if flag.load(Relaxed) == 1 {
            assert_eq!(data.load(Relaxed), 1);
        }
        drop(writing);
        reader.join().unwrap();
    });
}

#[test]
fn a_receiver_knows_what_the_senders_did_before_they_hung_up() {
    passes(|| {
        let (sender, receiver) = mpsc::channel::<()>();
        let data = Arc::new([atomic(), atomic()]);
        for i in [0, 1] {
            let (sender, data) = (sender.clone(), Arc::clone(&data));
            thread::spawn(move || {
                data[i].store(1, Relaxed);
                drop(sender);
            });
        }
        drop(sender);
        assert!(receiver.recv().is_err());
        assert_eq!(data.iter().map(|cell| cell.load(Relaxed)).sum::<usize>(), 2);
    });
}

#[test]
fn no_writer_comes_between_a_downgrade_and_the_reading() {
    let scenario = |downgrades: bool| {
        move || {
            let value = Arc::new(RwLock::new(0));
            let other = Arc::clone(&value);
            let writer = thread::spawn(move || *other.write().unwrap() = 2);
            let mut guard = value.write().unwrap();
            *guard = 1;
            let seen = if downgrades {
                *RwLockWriteGuard::downgrade(guard)
            } else {
                drop(guard);
                *value.read().unwrap()
            };
            writer.join().unwrap();
            assert!(seen == 1);
        }
    };
    passes(scenario(true));
    fails(scenario(false));
    // Other readers come in while it is held.
    passes(|| {
        let value = Arc::new(RwLock::new(0));
        let guard = RwLockWriteGuard::downgrade(value.write().unwrap());
        let reader = {
            let value = Arc::clone(&value);
            thread::spawn(move || *value.read().unwrap())
        };
        assert_eq!(reader.join().unwrap(), *guard);
    });
}

/// A thread that goes around in several loops at once, some of which are known already and some are not.
#[test]
fn a_worker_that_goes_around_in_several_loops_does_the_same_in_every_run() {
    #[derive(Default)]
    struct Queue {
        jobs: Mutex<Vec<usize>>,
        filled: Mutex<usize>,
        changed: Condvar,
        done: Mutex<usize>,
    }
    let passed = Check::new().wakeups(0).runs(400).try_run(|| {
        let queue = Arc::new(Queue::default());
        let worker = thread::spawn({
            let queue = Arc::clone(&queue);
            move || {
                for _ in 0..10 {
                    let filled = queue.filled.lock().unwrap();
                    *queue.changed.wait_while(filled, |filled| *filled == 0).unwrap() -= 1;
                    let job = queue.jobs.lock().unwrap().pop();
                    assert!(job.is_some());
                    *queue.done.lock().unwrap() += 1;
                }
            }
        });
        let clients = [1, 2].map(|_| {
            let queue = Arc::clone(&queue);
            thread::spawn(move || {
                for job in 0..5 {
                    queue.jobs.lock().unwrap().push(job);
                    *queue.filled.lock().unwrap() += 1;
                    queue.changed.notify_one();
                }
            })
        });
        for thread in clients.into_iter().chain([worker]) {
            thread.join().unwrap();
        }
        assert_eq!(*queue.done.lock().unwrap(), 10);
    });
    passed.unwrap_or_else(|failed| panic!("{failed}"));
}

/// As [`orders_nothing`], but a reader that `sees` it finds the store in every run. It loads the data at once: to release a lock
/// orders too.
fn orders<T: Send + Sync + 'static>(
    shared: fn() -> T,
    publish: fn(&T, &AtomicUsize),
    sees: fn(&T, &AtomicUsize, &dyn Fn() -> usize) -> Option<usize>,
) {
    let scenario = move || {
        let (shared, data, flag) = (Arc::new(shared()), atomic(), atomic());
        let (theirs, their_data, their_flag) = (Arc::clone(&shared), Arc::clone(&data), Arc::clone(&flag));
        let writer = thread::spawn(move || {
            their_data.store(1, Relaxed);
            publish(&theirs, &their_flag);
        });
        let seen = sees(&shared, &flag, &|| data.load(Relaxed));
        writer.join().unwrap();
        seen
    };
    let found = returns(scenario);
    assert!(found.contains(&Some(1)) && !found.contains(&Some(0)), "{found:?}");
}

#[test]
fn what_a_lock_protects_is_known_to_the_next_that_has_it() {
    let set = |lock: &Mutex<bool>, _: &_| *lock.lock().unwrap() = true;
    orders(Mutex::default, set, |lock, _, data| {
        let is_set = lock.lock().unwrap();
        is_set.then(data)
    });
    orders(Mutex::default, set, |lock, _, data| lock.try_lock().ok().and_then(|is_set| is_set.then(data)));
    let set = |lock: &RwLock<bool>, _: &_| *lock.write().unwrap() = true;
    orders(RwLock::default, set, |lock, _, data| {
        let is_set = lock.read().unwrap();
        is_set.then(data)
    });
    orders(RwLock::default, set, |lock, _, data| lock.try_read().ok().and_then(|is_set| is_set.then(data)));
    orders(RwLock::default, set, |lock, _, data| lock.try_write().ok().and_then(|is_set| is_set.then(data)));
    let reads = |lock: &RwLock<()>, flag: &AtomicUsize| {
        let _reading = lock.read().unwrap();
        flag.store(1, Relaxed);
    };
    orders(RwLock::default, reads, |lock, flag, data| {
        lock.try_write().ok().and_then(|_writing| (flag.load(Relaxed) == 1).then(data))
    });
    // A reader comes in while the one that wrote still reads.
    let downgrades = |lock: &RwLock<bool>, _: &_| {
        let mut is_set = lock.write().unwrap();
        *is_set = true;
        std::mem::forget(RwLockWriteGuard::downgrade(is_set));
    };
    orders(RwLock::default, downgrades, |lock, _, data| {
        let is_set = lock.read().unwrap();
        is_set.then(data)
    });
    // A waiter has the lock again.
    let notifies = |(lock, changed): &(Mutex<bool>, Condvar), _: &_| {
        *lock.lock().unwrap() = true;
        changed.notify_one();
    };
    orders(Default::default, notifies, |(lock, changed), _, data| {
        let is_set = lock.lock().unwrap();
        if *is_set {
            return None;
        }
        let is_set = changed.wait(is_set).unwrap();
        is_set.then(data)
    });
    // Readers know nothing of each other, nor do threads that find a lock taken.
    let reads = |lock: &RwLock<()>, flag: &AtomicUsize| {
        drop(lock.read().unwrap());
        flag.store(1, Relaxed);
    };
    orders_nothing(RwLock::default, reads, |lock, flag, _| {
        let told = flag.load(Relaxed) == 1;
        drop(lock.read().unwrap());
        told
    });
    let keeps = |lock: &Mutex<()>, flag: &AtomicUsize| {
        let _locked = lock.lock().unwrap();
        flag.store(1, Relaxed);
    };
    orders_nothing(Mutex::default, keeps, |lock, flag, _| {
        flag.load(Relaxed) == 1 && lock.try_lock().is_err()
    });
}

#[test]
fn a_thread_that_is_unparked_or_passes_a_barrier_knows_what_was_done_before() {
    let unparks = |main: &thread::Thread, _: &_| main.unpark();
    orders(thread::current, unparks, |_, _, data| {
        thread::park();
        Some(data())
    });
    let meets = |barrier: &Barrier, _: &_| _ = barrier.wait();
    orders(
        || Barrier::new(2),
        meets,
        |barrier, _, data| {
            barrier.wait();
            Some(data())
        },
    );
    let runs = |once: &Once, _: &_| once.call_once(|| ());
    orders(Once::new, runs, |once, _, data| {
        once.wait();
        Some(data())
    });
    orders(Once::new, runs, |once, _, data| {
        let mut is_first = false;
        once.call_once(|| is_first = true);
        (!is_first).then(data)
    });
}

type Ends<T> = (Mutex<Option<mpsc::SyncSender<T>>>, Mutex<Option<mpsc::Receiver<T>>>);

fn ends<const BOUND: usize, T>() -> Ends<T> {
    let (sender, receiver) = mpsc::sync_channel(BOUND);
    (Mutex::new(Some(sender)), Mutex::new(Some(receiver)))
}

fn taken<T>(end: &Mutex<Option<T>>) -> T {
    end.lock().unwrap().take().unwrap()
}

#[test]
fn a_sender_knows_what_the_receiver_did_before_it_took_an_item_or_was_gone() {
    // Items are left at a rendezvous and in a channel with room for one.
    let takes = |(_, receiver): &Ends<()>, _: &_| _ = taken(receiver).recv();
    orders(ends::<0, ()>, takes, |(sender, _), _, data| taken(sender).send(()).is_ok().then(data));
    let goes = |(_, receiver): &Ends<()>, _: &_| drop(taken(receiver));
    orders(ends::<0, ()>, goes, |(sender, _), _, data| taken(sender).send(()).is_err().then(data));
    orders(ends::<1, ()>, goes, |(sender, _), _, data| taken(sender).send(()).is_err().then(data));
    orders(ends::<1, ()>, goes, |(sender, _), _, data| {
        (taken(sender).try_send(()) == Err(mpsc::TrySendError::Disconnected(()))).then(data)
    });
    // An unbounded channel tells its senders nothing.
    type Unbounded = (mpsc::Sender<()>, Mutex<mpsc::Receiver<()>>);
    let unbounded = || -> Unbounded {
        let (sender, receiver) = mpsc::channel();
        sender.send(()).unwrap();
        (sender, Mutex::new(receiver))
    };
    let takes = |(_, receiver): &Unbounded, flag: &AtomicUsize| {
        receiver.lock().unwrap().recv().unwrap();
        flag.store(1, Relaxed);
    };
    orders_nothing(unbounded, takes, |(sender, _), flag, _| {
        let told = flag.load(Relaxed) == 1;
        sender.send(()).unwrap();
        told
    });
}

/// An item that is dropped with its receiver was sent before.
#[test]
fn a_receiver_that_drops_an_item_knows_what_its_sender_did() {
    struct Item(Arc<AtomicUsize>);
    impl Drop for Item {
        fn drop(&mut self) {
            assert_eq!(self.0.load(Relaxed), 1);
        }
    }
    passes(|| {
        let (sender, receiver) = mpsc::channel();
        let sends = thread::spawn(move || {
            let data = atomic();
            let item = Item(Arc::clone(&data));
            data.store(1, Relaxed);
            _ = sender.send(item);
        });
        drop(receiver);
        sends.join().unwrap();
    });
}

#[test]
fn each_ordering_acquires_and_releases_what_it_says() {
    fn released(publish: fn(&(), &AtomicUsize)) {
        orders(|| (), publish, |(), flag, data| (flag.load(Acquire) == 1).then(data));
    }
    released(|(), flag| flag.store(1, Release));
    released(|(), flag| flag.store(1, SeqCst));
    released(|(), flag| _ = flag.fetch_add(1, Release));
    released(|(), flag| _ = flag.fetch_add(1, AcqRel));
    released(|(), flag| _ = flag.fetch_add(1, SeqCst));
    fn store_after(order: Ordering, flag: &AtomicUsize) {
        fence(order);
        flag.store(1, Relaxed);
    }
    released(|(), flag| store_after(Release, flag));
    released(|(), flag| store_after(AcqRel, flag));
    released(|(), flag| store_after(SeqCst, flag));
    fn acquired(sees: fn(&AtomicUsize) -> bool) {
        let scenario = move || {
            let (data, flag) = (atomic(), atomic());
            let (their_data, their_flag) = (Arc::clone(&data), Arc::clone(&flag));
            let writer = thread::spawn(move || {
                their_data.store(1, Relaxed);
                their_flag.store(1, Release);
            });
            let seen = sees(&flag).then(|| data.load(Relaxed));
            writer.join().unwrap();
            seen
        };
        assert_eq!(returns(scenario), [None, Some(1)]);
    }
    acquired(|flag| flag.load(Acquire) == 1);
    acquired(|flag| flag.load(SeqCst) == 1);
    acquired(|flag| flag.fetch_add(1, Acquire) == 1);
    acquired(|flag| flag.fetch_add(1, AcqRel) == 1);
    acquired(|flag| flag.fetch_add(1, SeqCst) == 1);
    fn load_before(order: Ordering, flag: &AtomicUsize) -> bool {
        let told = flag.load(Relaxed) == 1;
        fence(order);
        told
    }
    acquired(|flag| load_before(Acquire, flag));
    acquired(|flag| load_before(AcqRel, flag));
    acquired(|flag| load_before(SeqCst, flag));
    // An exchange has two orderings, and so has an update.
    acquired(|flag| flag.compare_exchange(1, 2, AcqRel, Relaxed).is_ok());
    acquired(|flag| flag.compare_exchange(7, 8, Relaxed, Acquire) == Err(1));
    acquired(|flag| flag.fetch_update(Relaxed, Acquire, |_| None) == Err(1));
    acquired(|flag| flag.fetch_update(Relaxed, Acquire, |n| (n == 0).then_some(0)) == Err(1));
}

#[test]
fn a_load_may_return_any_store_that_nothing_orders_before_a_newer_one() {
    let loads = || {
        let x = atomic();
        let theirs = Arc::clone(&x);
        let writer = thread::spawn(move || (1..=3).for_each(|n| theirs.store(n, Relaxed)));
        let found = x.load(Relaxed);
        writer.join().unwrap();
        assert_eq!(x.load(Relaxed), 3);
        found
    };
    assert_eq!(returns(loads), [0, 1, 2, 3]);
}

#[test]
fn a_once_that_panicked_ends_a_wait_unless_it_is_forced() {
    let panics = |once: &Once| {
        let result = interleave::panic::catch_unwind(::std::panic::AssertUnwindSafe(|| {
            once.call_once(|| interleave::panic::resume_unwind(Box::new(())));
        }));
        assert!(result.is_err());
    };
    passes(move || {
        let once = Once::new();
        panics(&once);
        assert!(interleave::panic::catch_unwind(::std::panic::AssertUnwindSafe(|| once.wait())).is_err());
    });
    fails(move || {
        let once = Once::new();
        panics(&once);
        once.wait_force();
    });
}

#[test]
fn a_static_lock_that_one_run_poisons_is_sound_in_the_next() {
    static LOCK: Mutex<()> = Mutex::new(());
    let passed = passes(|| {
        assert!(!LOCK.is_poisoned());
        let x = atomic();
        let theirs = Arc::clone(&x);
        let panics = thread::spawn(move || {
            theirs.store(1, SeqCst);
            let _locked = LOCK.lock();
            interleave::panic::resume_unwind(Box::new(()));
        });
        x.store(2, SeqCst);
        assert!(panics.join().is_err());
        assert!(LOCK.is_poisoned());
    });
    assert!(passed.runs() > 1);
}

#[test]
fn a_receiver_that_tries_may_come_before_a_sender_in_another_thread_is_dropped() {
    use interleave::sync::mpsc::{self, TryRecvError};
    for only in [TryRecvError::Empty, TryRecvError::Disconnected] {
        let failed = Check::new().try_run(move || {
            let (sender, receiver) = mpsc::channel::<()>();
            let other = sender.clone();
            let thread = thread::spawn(move || drop(other));
            drop(sender);
            assert_eq!(receiver.try_recv(), Err(only));
            thread.join().unwrap();
        });
        assert!(failed.is_err(), "it is always {only:?}");
    }
}
