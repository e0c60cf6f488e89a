//! One small program for each use of an object that the search has to know of: it has the same outcomes with the reduction as
//! without, and they are the ones that std allows.

use interleave::sync::atomic::{AtomicUsize, Ordering::*};
use interleave::sync::{Arc, Barrier, Condvar, Mutex, Once, OnceLock, RwLock, RwLockWriteGuard, mpsc};
use interleave::thread::{self, Thread};
use interleave::time::Instant;
use interleave::{__outcomes, Ending};
use std::fmt::Debug;
use std::time::Duration;

/// What the scenario can return, in both searches; `None` stands for a run that fails or waits forever.
#[track_caller]
fn outcomes_are<T: Ord + Clone + Debug + 'static>(faults: u32, scenario: fn() -> T, wanted: &[Option<T>]) {
    for reduce in [false, true] {
        let outcomes = __outcomes(scenario, reduce, faults);
        assert!(outcomes.is_complete());
        let ending = |row: &interleave::Outcome<T>| match &row.ending {
            Ending::Returned(value) => Some(value.clone()),
            Ending::Failed(_) => None,
        };
        let mut found: Vec<_> = outcomes.rows().iter().map(ending).collect();
        found.sort();
        found.dedup();
        assert_eq!(found, wanted, "{}", if reduce { "with the reduction" } else { "without the reduction" });
    }
}

/// Another thread does `theirs` with what the two share, and this thread `own`: what they return.
fn beside<S: Send + Sync + 'static, A: Send + 'static, B>(
    shared: S,
    theirs: impl FnOnce(&S) -> A + Send + 'static,
    own: impl FnOnce(&S) -> B,
) -> (A, B) {
    let shared = Arc::new(shared);
    let other = {
        let shared = Arc::clone(&shared);
        thread::spawn(move || theirs(&shared))
    };
    let own = own(&shared);
    (other.join().unwrap(), own)
}

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn since(start: Instant) -> u128 {
    start.elapsed().as_millis()
}

/// Waits for a notification, and returns what `x` is then. One thread sets `x` before it `notifies`, another only `notifies`.
fn first_notified_by(notifies: fn(&Condvar)) -> usize {
    let shared = Arc::new((Mutex::new(()), Condvar::new(), AtomicUsize::new(0)));
    for sets in [true, false] {
        let shared = Arc::clone(&shared);
        thread::spawn(move || {
            if sets {
                shared.2.store(1, SeqCst);
            }
            notifies(&shared.1);
        });
    }
    drop(shared.1.wait(shared.0.lock().unwrap()));
    shared.2.load(SeqCst)
}

#[test]
fn any_of_two_notifications_can_be_the_first() {
    outcomes_are(0, || first_notified_by(Condvar::notify_one), &[None, Some(0), Some(1)]);
    outcomes_are(0, || first_notified_by(Condvar::notify_all), &[None, Some(0), Some(1)]);
}

#[test]
fn any_of_two_unparks_can_be_the_first_and_two_can_be_one() {
    fn unparked(parks: usize) -> usize {
        let x = Arc::new(AtomicUsize::new(0));
        for sets in [true, false] {
            let (x, main) = (Arc::clone(&x), thread::current());
            thread::spawn(move || {
                if sets {
                    x.store(1, SeqCst);
                }
                Thread::unpark(&main);
            });
        }
        (0..parks).for_each(|_| thread::park());
        x.load(SeqCst)
    }
    outcomes_are(0, || unparked(1), &[Some(0), Some(1)]);
    outcomes_are(0, || unparked(2), &[None, Some(1)]);
}

#[test]
fn a_waiter_that_wakes_early_may_leave_before_or_after_a_notification() {
    // Whether each of two waiters timed out.
    let timed_out = || {
        let shared = Arc::new((Mutex::new(()), Condvar::new()));
        let waiters = [(); 2].map(|()| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                shared.1.wait_timeout(shared.0.lock().unwrap(), ms(1)).unwrap().1.timed_out()
            })
        });
        shared.1.notify_one();
        waiters.map(|waiter| waiter.join().unwrap())
    };
    let (no, yes) = (false, true);
    let wanted = [[no, yes], [yes, no], [yes, yes]].map(Some);
    outcomes_are(0, timed_out, &wanted);
    outcomes_are(1, timed_out, &wanted);
}

#[test]
fn a_notified_waiter_has_not_timed_out_however_long_it_takes_to_get_the_lock() {
    // The notifier keeps the lock until the time is up.
    let notified = || {
        let shared = (Mutex::new(false), Condvar::new());
        let sleeps = |(lock, changed): &(Mutex<bool>, Condvar)| {
            let mut told = lock.lock().unwrap();
            *told = true;
            changed.notify_one();
            thread::sleep(ms(10));
        };
        let ((), timed_out) = beside(shared, sleeps, |(lock, changed)| {
            let told = lock.lock().unwrap();
            (!*told).then(|| changed.wait_timeout(told, ms(5)).unwrap().1.timed_out())
        });
        timed_out
    };
    outcomes_are(0, notified, &[Some(None), Some(Some(false))]);
}

#[test]
fn a_notification_is_for_one_wait() {
    let waits_twice = || {
        let shared = (Mutex::new(0), Condvar::new());
        let notifies = |(lock, changed): &(Mutex<i32>, Condvar)| {
            *lock.lock().unwrap() += 1;
            changed.notify_one();
        };
        beside(shared, notifies, |(lock, changed)| {
            let mut count = lock.lock().unwrap();
            if *count == 0 {
                count = changed.wait(count).unwrap();
                // Nothing comes any more.
                return changed.wait_timeout(count, ms(1)).unwrap().1.timed_out();
            }
            true
        })
        .1
    };
    outcomes_are(0, waits_twice, &[Some(true)]);
}

#[test]
fn each_end_of_a_channel_races_with_the_other() {
    // The last sender goes before or after the receiver looks.
    let hang_up = || {
        let (sender, receiver) = mpsc::channel::<()>();
        let hangs_up = thread::spawn(move || drop(sender));
        let found = receiver.try_recv().unwrap_err() == mpsc::TryRecvError::Disconnected;
        hangs_up.join().unwrap();
        found
    };
    outcomes_are(0, hang_up, &[Some(false), Some(true)]);
    // The receiver goes before or after an item is sent.
    let gone = || {
        let (sender, receiver) = mpsc::channel();
        let goes = thread::spawn(move || drop(receiver));
        let sent = sender.send(1).is_ok();
        goes.join().unwrap();
        sent
    };
    outcomes_are(0, gone, &[Some(false), Some(true)]);
    // A sender that tries finds a receiver at a rendezvous, or not.
    let rendezvous = || {
        let (sender, receiver) = mpsc::sync_channel(0);
        let tries = thread::spawn(move || sender.try_send(1).is_ok());
        let received = receiver.recv_timeout(ms(1)).is_ok();
        (received, tries.join().unwrap())
    };
    outcomes_are(0, rendezvous, &[Some((false, false)), Some((true, true))]);
    // There is room for one.
    let room = || {
        let (sender, receiver) = mpsc::sync_channel(1);
        let other = sender.clone();
        let tries = thread::spawn(move || other.try_send(1).is_ok());
        let sent = sender.try_send(2).is_ok();
        let found = (sent, tries.join().unwrap());
        drop(receiver);
        found
    };
    outcomes_are(0, room, &[Some((false, true)), Some((true, false))]);
    // Room is made before or after a sender tries.
    let makes_room = || {
        let (sender, receiver) = mpsc::sync_channel(1);
        sender.send(1).unwrap();
        let tries = thread::spawn(move || sender.try_send(2).is_ok());
        let first = receiver.try_recv().unwrap();
        (first, tries.join().unwrap())
    };
    outcomes_are(0, makes_room, &[Some((1, false)), Some((1, true))]);
    // A timeout is over before or after an item comes, and takes what has come.
    let in_time = || {
        let (sender, receiver) = mpsc::channel();
        let sends = thread::spawn(move || sender.send(1));
        let received = receiver.recv_timeout(ms(1)).is_ok();
        _ = sends.join().unwrap();
        received
    };
    outcomes_are(0, in_time, &[Some(true)]);
    outcomes_are(1, in_time, &[Some(false), Some(true)]);
    // What one sender sends after its first item was taken comes after that.
    let in_turn = || {
        let (sender, receiver) = mpsc::sync_channel(0);
        let sends = thread::spawn(move || [1, 2].map(|n| sender.send(n).is_ok()));
        let first = receiver.recv().unwrap();
        drop(receiver);
        (first, sends.join().unwrap())
    };
    outcomes_are(0, in_turn, &[Some((1, [true, false]))]);
}

#[test]
fn a_thread_that_looks_without_waiting_can_come_at_any_moment() {
    let (no, yes) = (Some(false), Some(true));
    let lock = || beside(Mutex::new(()), |m| drop(m.lock()), |m| m.try_lock().is_ok()).1;
    outcomes_are(0, lock, &[no, yes]);
    let reader = || beside(RwLock::new(()), |m| drop(m.write()), |m| m.try_read().is_ok()).1;
    outcomes_are(0, reader, &[no, yes]);
    let writer = || beside(RwLock::new(()), |m| drop(m.read()), |m| m.try_write().is_ok()).1;
    outcomes_are(0, writer, &[no, yes]);
    // Not yet, or already a reader, or free.
    let downgraded = || {
        let downgrade = |m: &RwLock<()>| drop(RwLockWriteGuard::downgrade(m.write().unwrap()));
        let looks = |m: &RwLock<()>| {
            let could_read = m.try_read().is_ok();
            (could_read, m.try_write().is_ok())
        };
        beside(RwLock::new(()), downgrade, looks).1
    };
    let all = [(false, false), (false, true), (true, false), (true, true)].map(Some);
    outcomes_are(0, downgraded, &all);
    let once = || beside(Once::new(), |once| once.call_once(|| ()), Once::is_completed).1;
    outcomes_are(0, once, &[no, yes]);
    let cell = || beside(OnceLock::new(), |cell| cell.set(1), |cell| cell.get().is_some()).1;
    outcomes_are(0, cell, &[no, yes]);
    let finished = || {
        let other = thread::spawn(|| ());
        let is_finished = other.is_finished();
        other.join().unwrap();
        is_finished
    };
    outcomes_are(0, finished, &[no, yes]);
    let both = [(0, false), (0, true), (1, false), (1, true)].map(Some);
    // Between becoming the first and being done there is time for another thread's whole step.
    let within = || {
        let shared = (Once::new(), AtomicUsize::new(0));
        let runs = |(once, x): &(Once, AtomicUsize)| once.call_once(|| x.store(1, SeqCst));
        beside(shared, runs, |(once, x)| (x.load(SeqCst), once.is_completed())).1
    };
    outcomes_are(0, within, &both);
    // As above, of a thread that ends.
    let ends = || {
        let x = Arc::new(AtomicUsize::new(0));
        let theirs = Arc::clone(&x);
        let other = thread::spawn(move || theirs.store(1, SeqCst));
        let found = (x.load(SeqCst), other.is_finished());
        other.join().unwrap();
        found
    };
    outcomes_are(0, ends, &both);
    // An item is there before its sender is gone.
    let last_item = || {
        let (sender, receiver) = mpsc::channel();
        let sends = thread::spawn(move || _ = sender.send(1));
        let found = (receiver.try_recv().is_ok(), receiver.try_recv() == Err(mpsc::TryRecvError::Empty));
        sends.join().unwrap();
        found
    };
    outcomes_are(0, last_item, &all);
    let in_time = || {
        let (sender, receiver) = mpsc::channel();
        let sends = thread::spawn(move || _ = sender.send(1));
        let found = [(); 2].map(|()| receiver.recv_timeout(ms(1)).ok());
        sends.join().unwrap();
        found
    };
    outcomes_are(1, in_time, &[[None, Some(1)], [Some(1), None]].map(Some));
}

#[test]
fn a_poisoned_lock_is_seen_before_and_after_it_is_cleared() {
    let cleared = || {
        let lock = Arc::new(Mutex::new(()));
        let theirs = Arc::clone(&lock);
        let panics = thread::spawn(move || {
            let _guard = theirs.lock().unwrap();
            interleave::panic::resume_unwind(Box::new(()));
        });
        assert!(panics.join().is_err());
        let theirs = Arc::clone(&lock);
        let clears = thread::spawn(move || theirs.clear_poison());
        let found = lock.lock().is_err();
        clears.join().unwrap();
        (found, lock.is_poisoned())
    };
    outcomes_are(0, cleared, &[Some((false, false)), Some((true, false))]);
}

#[test]
fn a_reader_can_be_kept_out_by_a_writer_that_waits() {
    // This thread reads and waits for another reader; a writer may come in between.
    let reads = || {
        let lock = Arc::new(RwLock::new(()));
        let reading = lock.read().unwrap();
        let [theirs, others] = [(); 2].map(|()| Arc::clone(&lock));
        let writer = thread::spawn(move || drop(others.write()));
        thread::spawn(move || drop(theirs.read())).join().unwrap();
        drop(reading);
        writer.join().unwrap();
    };
    outcomes_are(0, reads, &[Some(())]);
    outcomes_are(1, reads, &[None, Some(())]);
    // A thread that reads already waits for itself if a writer comes between.
    let reads_twice = || {
        beside(
            RwLock::new(()),
            |lock| drop(lock.write()),
            |lock| {
                let _reading = lock.read().unwrap();
                drop(lock.read().unwrap());
            },
        );
    };
    outcomes_are(0, reads_twice, &[None, Some(())]);
}

#[test]
fn a_barrier_opens_for_those_who_came_and_not_for_the_next() {
    // Three come to a barrier for two.
    let three = || {
        let barrier = Arc::new(Barrier::new(2));
        let leads = [(); 3].map(|()| {
            let barrier = Arc::clone(&barrier);
            thread::spawn(move || barrier.wait().is_leader())
        });
        let _keeps_waiting = leads.map(|thread| thread.join().unwrap());
    };
    outcomes_are(0, three, &[None]);
    let both_rounds = || {
        let rounds = |barrier: &Barrier| [(); 2].map(|()| barrier.wait().is_leader());
        beside(Barrier::new(2), rounds, rounds)
    };
    let (no, yes) = (false, true);
    let mut wanted: Vec<_> = [[no, no], [no, yes], [yes, no], [yes, yes]]
        .map(|first| Some((first, first.map(|leads| !leads))))
        .into();
    wanted.sort();
    outcomes_are(0, both_rounds, &wanted);
}

#[test]
fn time_passes_before_or_after_what_other_threads_do() {
    // A timeout that fires early is a fault, and moves the clock.
    let early = || {
        let start = Instant::now();
        let looks = move |()| {
            // To look at the clock belongs to the step before.
            thread::yield_now();
            since(start)
        };
        beside((), |()| thread::sleep(ms(10)), |()| looks(())).1
    };
    outcomes_are(0, early, &[Some(0)]);
    outcomes_are(1, early, &[Some(0), Some(10)]);
    // A limit counts from the moment at which it is set.
    let sleeps = || {
        let start = Instant::now();
        let sleeps = move |()| {
            // To set a limit belongs to the step before.
            thread::yield_now();
            thread::sleep(ms(5));
            since(start)
        };
        beside((), |()| thread::sleep(ms(10)), |()| sleeps(())).1
    };
    outcomes_are(0, sleeps, &[Some(5)]);
    outcomes_are(1, sleeps, &[Some(5), Some(10), Some(15)]);
    // Of two that sleep until the same moment, any is the first; of two moments, the earlier one is.
    fn order(limits: [u64; 2]) -> usize {
        let x = Arc::new(AtomicUsize::new(0));
        let sleepers = [0, 1].map(|me| {
            let x = Arc::clone(&x);
            thread::spawn(move || {
                thread::sleep(ms(limits[me]));
                x.store(me, SeqCst);
            })
        });
        sleepers.into_iter().for_each(|sleeper| sleeper.join().unwrap());
        x.load(SeqCst)
    }
    outcomes_are(0, || order([3, 3]), &[Some(0), Some(1)]);
    outcomes_are(0, || order([3, 4]), &[Some(1)]);
    outcomes_are(0, || order([4, 3]), &[Some(0)]);
    // What a sleeper does when it is woken races with what others do without sleeping.
    let races = || {
        beside(
            AtomicUsize::new(0),
            |x| x.store(1, SeqCst),
            |x| {
                let before = x.load(SeqCst);
                thread::sleep(ms(1));
                (before, x.load(SeqCst))
            },
        )
        .1
    };
    outcomes_are(0, races, &[Some((0, 1)), Some((1, 1))]);
    outcomes_are(1, races, &[Some((0, 0)), Some((0, 1)), Some((1, 1))]);
}

#[test]
fn at_most_as_many_faults_happen_as_are_allowed() {
    let weak = || {
        let x = AtomicUsize::new(0);
        (0..3).filter(|_| x.compare_exchange_weak(0, 0, SeqCst, SeqCst).is_err()).count()
    };
    let parks = || {
        thread::park();
        thread::park();
    };
    for most in 0..=3 {
        let wanted: Vec<_> = (0..=most as usize).map(Some).collect();
        outcomes_are(most, weak, &wanted);
        outcomes_are(most, parks, if most < 2 { &[None] } else { &[None, Some(())] });
    }
}

/// A step of its own that no other thread notices.
fn pause() {
    AtomicUsize::new(0).load(SeqCst);
}

/// Two threads that do the same after a pause, each with its number.
fn two<S: Send + Sync + 'static, A: Send + 'static>(shared: S, f: fn(&S, usize) -> A) -> (A, A) {
    let paused = move |me| {
        move |shared: &S| {
            pause();
            f(shared, me)
        }
    };
    beside(shared, paused(1), paused(2))
}

/// The step that a thread was kept from is possible before what kept it, and before that only the thread's own steps have to come.
#[test]
fn a_step_that_had_to_wait_is_tried_before_what_kept_it_waiting() {
    let swapped = |a: usize, b: usize| [Some((a, b)), Some((b, a))];
    let lock = || {
        two(Mutex::new(0), |lock, _| {
            let mut count = lock.lock().unwrap();
            pause();
            *count += 1;
            *count
        })
    };
    outcomes_are(0, lock, &swapped(1, 2));
    let write = || {
        two(RwLock::new(0), |lock, _| {
            let mut count = lock.write().unwrap();
            pause();
            *count += 1;
            *count
        })
    };
    outcomes_are(0, write, &swapped(1, 2));
    // Two read at once, or one before and one after the writer, which is the third.
    let read = || {
        let lock = Arc::new(RwLock::new(0));
        let writer = {
            let lock = Arc::clone(&lock);
            thread::spawn(move || {
                pause();
                let mut value = lock.write().unwrap();
                pause();
                *value = 1;
            })
        };
        let readers = [(); 2].map(|()| {
            let lock = Arc::clone(&lock);
            thread::spawn(move || {
                pause();
                let value = lock.read().unwrap();
                pause();
                *value
            })
        });
        writer.join().unwrap();
        readers.map(|reader| reader.join().unwrap())
    };
    outcomes_are(0, read, &[[0, 0], [0, 1], [1, 0], [1, 1]].map(Some));
    let tries_to_write = || {
        let reads = |lock: &RwLock<()>| {
            pause();
            let _reading = lock.read().unwrap();
            pause();
        };
        beside(RwLock::new(()), reads, |lock| {
            pause();
            drop(lock.write());
            pause();
            lock.try_write().is_ok()
        })
        .1
    };
    outcomes_are(0, tries_to_write, &[Some(false), Some(true)]);
    let once = || {
        let runs = |(once, first): &(Once, AtomicUsize), me| {
            once.call_once(|| {
                pause();
                first.store(me, SeqCst);
            });
            first.load(SeqCst)
        };
        two((Once::new(), AtomicUsize::new(0)), runs)
    };
    outcomes_are(0, once, &[Some((1, 1)), Some((2, 2))]);
    let waits = || {
        let runs = |(once, x): &(Once, AtomicUsize)| {
            pause();
            once.call_once(pause);
            x.store(1, SeqCst);
        };
        beside((Once::new(), AtomicUsize::new(0)), runs, |(once, x)| {
            pause();
            once.wait();
            x.load(SeqCst)
        })
        .1
    };
    outcomes_are(0, waits, &[Some(0), Some(1)]);
    let meets = || {
        let meets = |(barrier, x): &(Barrier, AtomicUsize), _| {
            barrier.wait();
            pause();
            x.fetch_add(1, SeqCst)
        };
        two((Barrier::new(2), AtomicUsize::new(0)), meets)
    };
    outcomes_are(0, meets, &swapped(0, 1));
    let parks = || {
        let x = Arc::new(AtomicUsize::new(0));
        let (theirs, main) = (Arc::clone(&x), thread::current());
        let unparks = thread::spawn(move || {
            pause();
            main.unpark();
            pause();
            theirs.store(1, SeqCst);
        });
        pause();
        thread::park();
        pause();
        let found = x.load(SeqCst);
        unparks.join().unwrap();
        found
    };
    outcomes_are(0, parks, &[Some(0), Some(1)]);
    // Which of two parks has the one token, and which of two has none.
    let token = || {
        let main = thread::current();
        let unparks = thread::spawn(move || {
            main.unpark();
            pause();
            main.unpark();
        });
        thread::park();
        pause();
        thread::park();
        unparks.join().unwrap();
    };
    outcomes_are(0, token, &[None, Some(())]);
    let joins = || {
        let x = Arc::new(AtomicUsize::new(0));
        let other = thread::spawn(pause);
        let theirs = Arc::clone(&x);
        let looks = thread::spawn(move || {
            pause();
            theirs.load(SeqCst)
        });
        other.join().unwrap();
        x.store(1, SeqCst);
        looks.join().unwrap()
    };
    outcomes_are(0, joins, &[Some(0), Some(1)]);
}

#[test]
fn each_message_of_a_channel_is_tried_in_every_order() {
    fn received(bound: usize) -> Vec<usize> {
        let (sender, receiver) = mpsc::sync_channel(bound);
        let senders = [1, 2].map(|me| {
            let sender = sender.clone();
            thread::spawn(move || {
                pause();
                sender.send(me).unwrap();
            })
        });
        drop(sender);
        let received = receiver.iter().inspect(|_| pause()).collect();
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        received
    }
    let orders = [[1, 2], [2, 1]].map(|order| Some(order.to_vec()));
    outcomes_are(0, || received(0), &orders);
    outcomes_are(0, || received(1), &orders);
    outcomes_are(0, || received(4), &orders);
    // To be told that nothing comes any more.
    let hangs_up = || {
        let (sender, receiver) = mpsc::channel::<()>();
        let x = Arc::new(AtomicUsize::new(0));
        let theirs = Arc::clone(&x);
        let other = thread::spawn(move || {
            pause();
            drop(sender);
            pause();
            theirs.store(1, SeqCst);
        });
        pause();
        assert!(receiver.recv().is_err());
        let found = x.load(SeqCst);
        other.join().unwrap();
        found
    };
    outcomes_are(0, hangs_up, &[Some(0), Some(1)]);
    // A sender at a rendezvous goes on when its item was taken, or when nobody takes it.
    let hands_over = || {
        let (sender, receiver) = mpsc::sync_channel(0);
        let x = Arc::new(AtomicUsize::new(0));
        let theirs = Arc::clone(&x);
        let takes = thread::spawn(move || {
            pause();
            receiver.recv().unwrap();
            pause();
            theirs.store(1, SeqCst);
            drop(receiver);
        });
        pause();
        sender.send(1).unwrap();
        let found = x.load(SeqCst);
        let second = sender.send(2).is_ok();
        takes.join().unwrap();
        (found, second)
    };
    outcomes_are(0, hands_over, &[Some((0, false)), Some((1, false))]);
}

#[test]
fn a_wait_ends_before_or_after_all_else_that_can_happen() {
    // The value that a waiter finds when it has the lock again.
    fn waits(limit: Option<u64>) -> (usize, usize) {
        let shared = (Mutex::new(0), Condvar::new(), AtomicUsize::new(0));
        let notifies = |(lock, changed, x): &(Mutex<usize>, Condvar, AtomicUsize)| {
            pause();
            *lock.lock().unwrap() = 1;
            pause();
            changed.notify_one();
            pause();
            let mut value = lock.lock().unwrap();
            pause();
            *value = 2;
            drop(value);
            x.store(1, SeqCst);
        };
        beside(shared, notifies, |(lock, changed, x)| {
            pause();
            let mut value = lock.lock().unwrap();
            if *value == 0 {
                value = match limit {
                    None => changed.wait(value).unwrap(),
                    Some(limit) => changed.wait_timeout(value, ms(limit)).unwrap().0,
                };
            }
            (*value, x.load(SeqCst))
        })
        .1
    }
    let found = [(1, 0), (2, 0), (2, 1)].map(Some);
    outcomes_are(0, || waits(None), &found);
    outcomes_are(0, || waits(Some(1)), &found);
    // A fault comes before all else too.
    let early = [(0, 0), (1, 0), (2, 0), (2, 1)].map(Some);
    outcomes_are(1, || waits(None), &early);
    outcomes_are(1, || waits(Some(1)), &early);
}

#[test]
fn a_load_that_settles_a_store_comes_before_or_after_another() {
    let found = || {
        let shared = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        let [stores, first, second] = [(); 3].map(|()| Arc::clone(&shared));
        let stores = thread::spawn(move || {
            stores[0].store(1, Relaxed);
            stores[1].store(1, Relaxed);
        });
        let first = thread::spawn(move || first[0].load(SeqCst));
        let second = thread::spawn(move || (second[1].load(Relaxed), second[0].load(SeqCst)));
        stores.join().unwrap();
        (first.join().unwrap(), second.join().unwrap())
    };
    let all = [(0, 0), (0, 1), (1, 0), (1, 1)];
    let wanted: Vec<_> =
        [0, 1].into_iter().flat_map(|first| all.map(|second| Some((first, second)))).collect();
    outcomes_are(0, found, &wanted);
}
