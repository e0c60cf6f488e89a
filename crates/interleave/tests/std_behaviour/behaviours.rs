//! One promise of std's documentation each. Nothing here is true on some schedules only.

use crate::both;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI32, AtomicPtr, AtomicU8, AtomicU64, AtomicUsize, Ordering::*, fence,
};
use std::sync::mpsc::{self, RecvTimeoutError, TryRecvError, TrySendError};
use std::sync::{Arc, Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(2);

// --- Mutex

#[test]
fn a_mutex_lets_one_in_at_a_time() {
    both(|| {
        let (total, inside) = (Mutex::new(0), AtomicBool::new(false));
        thread::scope(|s| {
            for _ in 0..2 {
                s.spawn(|| {
                    let mut total = total.lock().unwrap();
                    assert!(!inside.swap(true, Relaxed));
                    *total += 1;
                    inside.store(false, Relaxed);
                });
            }
        });
        assert_eq!(total.into_inner().unwrap(), 2);
    });
}

#[test]
fn try_lock_of_a_locked_mutex_would_block() {
    both(|| {
        let mutex = Mutex::new(1);
        let guard = mutex.lock().unwrap();
        thread::scope(|s| {
            s.spawn(|| assert!(matches!(mutex.try_lock(), Err(TryLockError::WouldBlock))));
        });
        drop(guard);
        *mutex.try_lock().unwrap() += 1;
        assert_eq!(*mutex.lock().unwrap(), 2);
    });
}

#[test]
fn a_panic_poisons_the_mutex_that_is_held() {
    both(|| {
        let (held, other) = (Arc::new(Mutex::new(1)), Mutex::new(1));
        let theirs = Arc::clone(&held);
        let died = thread::spawn(move || {
            let mut guard = theirs.lock().unwrap();
            *guard = 2;
            std::panic::resume_unwind(Box::new("on purpose"));
        });
        assert!(died.join().is_err());
        assert!(held.is_poisoned() && !other.is_poisoned());
        assert_eq!(**held.lock().unwrap_err().get_ref(), 2);
        assert!(matches!(held.try_lock(), Err(TryLockError::Poisoned(_))));
        held.clear_poison();
        assert!(!held.is_poisoned());
        assert_eq!(*held.lock().unwrap(), 2);
    });
}

#[test]
fn a_poisoned_mutex_still_gives_its_value() {
    both(|| {
        let mut mutex = Mutex::new(1);
        let died = catch_unwind(AssertUnwindSafe(|| {
            let mut guard = mutex.lock().unwrap();
            *guard = 2;
            std::panic::resume_unwind(Box::new("on purpose"));
        }));
        assert!(died.is_err());
        assert_eq!(**mutex.get_mut().unwrap_err().get_ref(), 2);
        assert_eq!(mutex.into_inner().unwrap_err().into_inner(), 2);
    });
}

#[test]
fn a_guard_that_is_dropped_while_panicking_does_not_poison_if_it_was_made_then() {
    struct LocksWhenDropped<'a>(&'a Mutex<i32>);
    impl Drop for LocksWhenDropped<'_> {
        fn drop(&mut self) {
            *self.0.lock().unwrap() += 1;
        }
    }
    both(|| {
        let mutex = Mutex::new(0);
        let died = catch_unwind(AssertUnwindSafe(|| {
            let _locks = LocksWhenDropped(&mutex);
            std::panic::resume_unwind(Box::new("on purpose"));
        }));
        assert!(died.is_err() && !mutex.is_poisoned());
        assert_eq!(*mutex.lock().unwrap(), 1);
    });
}

#[test]
fn locks_are_made_from_values_and_shown() {
    both(|| {
        assert_eq!(*Mutex::<i32>::default().lock().unwrap(), 0);
        assert_eq!(*Mutex::from(3).lock().unwrap(), 3);
        assert_eq!(*RwLock::from(3).read().unwrap(), 3);
        let mutex = Mutex::new(5);
        assert!(format!("{mutex:?}").contains("data: 5"), "{mutex:?}");
        let guard = mutex.lock().unwrap();
        assert_eq!(format!("{guard:?} {guard}"), "5 5");
        assert!(format!("{mutex:?}").contains("<locked>"));
    });
}

#[test]
fn a_mutex_may_hold_what_has_no_size() {
    both(|| {
        let boxed: Box<Mutex<[i32]>> = Box::new(Mutex::new([1, 2, 3]));
        boxed.lock().unwrap()[1] = 5;
        assert_eq!(*boxed.lock().unwrap(), [1, 5, 3]);
    });
}

// --- RwLock

#[test]
fn readers_share_an_rwlock() {
    both(|| {
        let lock = RwLock::new(5);
        let (mine, meet) = (lock.read().unwrap(), Barrier::new(2));
        thread::scope(|s| {
            s.spawn(|| {
                let theirs = lock.try_read().unwrap();
                meet.wait(); // both hold it here
                assert_eq!(*theirs, 5);
            });
            meet.wait();
        });
        assert!(matches!(lock.try_write(), Err(TryLockError::WouldBlock)));
        drop(mine);
        *lock.write().unwrap() += 1;
        assert_eq!(*lock.try_read().unwrap(), 6);
    });
}

#[test]
fn a_writer_keeps_everybody_out() {
    both(|| {
        let lock = RwLock::new(0);
        let mut guard = lock.write().unwrap();
        thread::scope(|s| {
            s.spawn(|| {
                assert!(matches!(lock.try_read(), Err(TryLockError::WouldBlock)));
                assert!(matches!(lock.try_write(), Err(TryLockError::WouldBlock)));
            });
        });
        *guard = 1;
        drop(guard);
        assert_eq!(lock.into_inner().unwrap(), 1);
    });
}

#[test]
fn a_writers_panic_poisons_and_a_readers_does_not() {
    both(|| {
        let lock = RwLock::new(0);
        let reader = catch_unwind(AssertUnwindSafe(|| {
            let _guard = lock.read().unwrap();
            std::panic::resume_unwind(Box::new("on purpose"));
        }));
        assert!(reader.is_err() && !lock.is_poisoned());
        let writer = catch_unwind(AssertUnwindSafe(|| {
            let _guard = lock.write().unwrap();
            std::panic::resume_unwind(Box::new("on purpose"));
        }));
        assert!(writer.is_err() && lock.is_poisoned());
        assert!(lock.read().is_err() && lock.write().is_err());
        lock.clear_poison();
        assert!(lock.read().is_ok());
    });
}

// --- Condvar

#[test]
fn wait_lets_go_of_the_mutex_and_takes_it_again() {
    both(|| {
        let (started, changed) = (Mutex::new(false), Condvar::new());
        thread::scope(|s| {
            let mut guard = started.lock().unwrap();
            s.spawn(|| {
                *started.lock().unwrap() = true; // only because the wait lets go
                changed.notify_one();
            });
            while !*guard {
                guard = changed.wait(guard).unwrap();
            }
            assert!(matches!(started.try_lock(), Err(TryLockError::WouldBlock)));
        });
    });
}

#[test]
fn notify_all_wakes_all_who_wait() {
    both(|| {
        let (open, changed) = (Mutex::new(false), Condvar::new());
        thread::scope(|s| {
            for _ in 0..2 {
                s.spawn(|| drop(changed.wait_while(open.lock().unwrap(), |open| !*open).unwrap()));
            }
            *open.lock().unwrap() = true;
            changed.notify_all();
        });
    });
}

#[test]
fn wait_while_does_not_wait_when_there_is_no_need() {
    both(|| {
        let (ready, changed) = (Mutex::new(true), Condvar::new());
        assert!(*changed.wait_while(ready.lock().unwrap(), |ready| !*ready).unwrap());
    });
}

#[test]
fn a_wait_with_a_limit_ends_without_a_notification() {
    both(|| {
        let (ready, changed) = (Mutex::new(false), Condvar::new());
        let start = Instant::now();
        let (guard, result) =
            changed.wait_timeout_while(ready.lock().unwrap(), SHORT, |ready| !*ready).unwrap();
        assert!(!*guard && result.timed_out());
        assert!(start.elapsed() >= SHORT);
    });
}

#[test]
fn a_wait_with_a_limit_tells_what_ended_it() {
    both(|| {
        let (ready, changed) = (Mutex::new(false), Condvar::new());
        thread::scope(|s| {
            s.spawn(|| {
                *ready.lock().unwrap() = true;
                changed.notify_one();
            });
            let guard = ready.lock().unwrap();
            let (guard, result) = changed.wait_timeout_while(guard, SHORT * 1000, |ready| !*ready).unwrap();
            assert!(*guard != result.timed_out(), "either it was set, or the time was up");
        });
    });
}

#[test]
fn a_wait_with_a_limit_gives_the_lock_back() {
    both(|| {
        let (mutex, changed) = (Mutex::new(7), Condvar::new());
        let (guard, _) = changed.wait_timeout(mutex.lock().unwrap(), SHORT).unwrap();
        assert_eq!(*guard, 7);
        assert!(mutex.try_lock().is_err());
    });
}

#[test]
fn a_wait_on_a_poisoned_mutex_says_so() {
    both(|| {
        let pair = Arc::new((Mutex::new(false), Condvar::new()));
        let theirs = Arc::clone(&pair);
        let dies = thread::spawn(move || {
            let mut guard = theirs.0.lock().unwrap();
            *guard = true;
            theirs.1.notify_one();
            std::panic::resume_unwind(Box::new("on purpose"));
        });
        let waited = match pair.0.lock() {
            Ok(guard) => pair.1.wait_while(guard, |ready| !*ready),
            Err(poisoned) => Err(poisoned),
        };
        assert!(*waited.unwrap_err().into_inner());
        assert!(dies.join().is_err());
    });
}

// --- Barrier

#[test]
fn a_barrier_has_one_leader_in_every_round() {
    both(|| {
        let (barrier, leaders, before) = (Barrier::new(2), AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|s| {
            for _ in 0..2 {
                s.spawn(|| {
                    for round in 1..=2 {
                        before.fetch_add(1, Relaxed);
                        let leads = barrier.wait().is_leader();
                        leaders.fetch_add(usize::from(leads), Relaxed);
                        assert!(
                            before.load(Relaxed) >= 2 * round,
                            "who has come through has seen all arrive"
                        );
                    }
                });
            }
        });
        assert_eq!(leaders.into_inner(), 2);
        assert!(Barrier::new(1).wait().is_leader());
    });
}

// --- Once, OnceLock, LazyLock

#[test]
fn once_runs_once_and_the_others_wait_for_it() {
    both(|| {
        let (once, times, made) = (Once::new(), AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|s| {
            for _ in 0..2 {
                s.spawn(|| {
                    once.call_once(|| {
                        times.fetch_add(1, Relaxed);
                        made.store(9, Relaxed);
                    });
                    assert_eq!(made.load(Relaxed), 9);
                });
            }
        });
        assert!(once.is_completed());
        assert_eq!(times.into_inner(), 1);
    });
}

#[test]
fn a_once_that_panicked_is_poisoned_until_it_is_forced() {
    both(|| {
        let once = Once::new();
        let died =
            catch_unwind(AssertUnwindSafe(|| once.call_once(|| std::panic::resume_unwind(Box::new(1)))));
        assert!(died.is_err() && !once.is_completed());
        assert!(catch_unwind(AssertUnwindSafe(|| once.call_once(|| ()))).is_err());
        once.call_once_force(|state| assert!(state.is_poisoned()));
        assert!(once.is_completed());
        once.call_once(|| unreachable!("it is done"));
    });
}

#[test]
fn once_can_be_waited_for() {
    both(|| {
        let (once, made) = (Once::new(), AtomicUsize::new(0));
        thread::scope(|s| {
            s.spawn(|| once.call_once(|| made.store(9, Relaxed)));
            once.wait();
            assert_eq!(made.load(Relaxed), 9);
        });
    });
}

#[test]
fn a_once_lock_is_set_once() {
    both(|| {
        let mut lock = OnceLock::new();
        assert_eq!(lock.get(), None);
        assert_eq!(lock.set(1), Ok(()));
        assert_eq!(lock.set(2), Err(2));
        assert_eq!(*lock.get_or_init(|| 3), 1);
        *lock.get_mut().unwrap() = 4;
        assert_eq!(lock.clone().into_inner(), Some(4));
        assert_eq!(lock.take(), Some(4));
        assert_eq!(lock.get(), None);
        assert_eq!(OnceLock::from(5).get(), Some(&5));
    });
}

#[test]
fn all_see_what_the_first_put_into_a_once_lock() {
    both(|| {
        let lock = OnceLock::new();
        thread::scope(|s| {
            let other = s.spawn(|| *lock.get_or_init(|| 1));
            let mine = *lock.get_or_init(|| 2);
            assert_eq!(other.join().unwrap(), mine);
        });
    });
}

#[test]
fn a_once_lock_whose_initialiser_panicked_can_be_tried_again() {
    both(|| {
        let lock = OnceLock::<i32>::new();
        let died = catch_unwind(AssertUnwindSafe(|| {
            lock.get_or_init(|| std::panic::resume_unwind(Box::new("on purpose")));
        }));
        assert!(died.is_err());
        assert_eq!(*lock.get_or_init(|| 2), 2);
    });
}

#[test]
fn a_lazy_lock_is_made_by_the_first_who_asks() {
    both(|| {
        let times = AtomicUsize::new(0);
        let lazy = LazyLock::new(|| times.fetch_add(1, Relaxed) + 40);
        thread::scope(|s| {
            s.spawn(|| assert_eq!(*lazy, 40));
            assert_eq!(*LazyLock::force(&lazy), 40);
        });
        assert_eq!(times.load(Relaxed), 1);
    });
}

#[test]
fn a_lazy_lock_that_is_not_used_drops_its_initialiser() {
    both(|| {
        let owned = Arc::new(());
        let theirs = Arc::clone(&owned);
        drop(LazyLock::new(move || drop(theirs)));
        assert_eq!(Arc::strong_count(&owned), 1);
    });
}

// --- Channels

#[test]
fn a_channel_keeps_the_order_of_each_sender() {
    both(|| {
        let (sender, receiver) = mpsc::channel();
        thread::scope(|s| {
            for from in 0..2 {
                let sender = sender.clone();
                s.spawn(move || (0..2).for_each(|n| sender.send((from, n)).unwrap()));
            }
            drop(sender);
            let all: Vec<(i32, i32)> = receiver.iter().collect();
            for from in 0..2 {
                let theirs: Vec<i32> = all.iter().filter(|item| item.0 == from).map(|item| item.1).collect();
                assert_eq!(theirs, [0, 1]);
            }
        });
    });
}

#[test]
fn what_was_sent_arrives_after_the_sender_is_gone() {
    both(|| {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || (0..3).for_each(|n| sender.send(n).unwrap())).join().unwrap();
        assert_eq!(receiver.try_iter().collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(receiver.recv(), Err(mpsc::RecvError));
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
        assert_eq!(receiver.recv_timeout(SHORT), Err(RecvTimeoutError::Disconnected));
        assert_eq!(receiver.into_iter().next(), None);
    });
}

#[test]
fn an_empty_channel_says_so_or_times_out() {
    both(|| {
        let (_sender, receiver) = mpsc::channel::<u8>();
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
        let start = Instant::now();
        assert_eq!(receiver.recv_timeout(SHORT), Err(RecvTimeoutError::Timeout));
        assert!(start.elapsed() >= SHORT);
    });
}

#[test]
fn who_sends_to_nobody_gets_the_item_back() {
    both(|| {
        let (sender, receiver) = mpsc::channel();
        drop(receiver);
        assert_eq!(sender.send(5).unwrap_err().0, 5);
        let (sender, receiver) = mpsc::sync_channel(1);
        drop(receiver);
        assert_eq!(sender.send(5).unwrap_err().0, 5);
        assert_eq!(sender.try_send(6), Err(TrySendError::Disconnected(6)));
    });
}

#[test]
fn a_bounded_channel_holds_as_many_as_it_says() {
    both(|| {
        let (sender, receiver) = mpsc::sync_channel(2);
        assert_eq!((sender.try_send(1), sender.try_send(2)), (Ok(()), Ok(())));
        assert_eq!(sender.try_send(3), Err(TrySendError::Full(3)));
        assert_eq!(receiver.recv(), Ok(1));
        assert_eq!(sender.send(4), Ok(()));
        drop(sender);
        assert_eq!(receiver.into_iter().collect::<Vec<_>>(), [2, 4]);
    });
}

#[test]
fn a_full_channel_keeps_its_sender_waiting() {
    both(|| {
        let (sender, receiver) = mpsc::sync_channel(1);
        let sent = AtomicUsize::new(0);
        let sent = &sent;
        thread::scope(|s| {
            s.spawn(move || {
                for n in 0..3 {
                    sender.send(n).unwrap();
                    sent.store(n + 1, SeqCst);
                }
            });
            for n in 0..3 {
                assert!(sent.load(SeqCst) <= n + 1, "no more than one waits in the channel");
                assert_eq!(receiver.recv(), Ok(n));
            }
        });
    });
}

#[test]
fn at_a_rendezvous_the_sender_waits_until_it_is_taken() {
    both(|| {
        let (sender, receiver) = mpsc::sync_channel(0);
        assert_eq!(sender.try_send(0), Err(TrySendError::Full(0)));
        let taken = AtomicBool::new(false);
        let taken = &taken;
        thread::scope(|s| {
            s.spawn(move || {
                taken.store(true, SeqCst);
                assert_eq!(receiver.recv(), Ok(1));
            });
            sender.send(1).unwrap();
            assert!(taken.load(SeqCst));
        });
    });
}

#[test]
fn a_sender_at_a_rendezvous_is_told_that_the_receiver_has_gone() {
    both(|| {
        let (sender, receiver) = mpsc::sync_channel(0);
        let gone = thread::spawn(move || drop(receiver));
        assert_eq!(sender.send(1).unwrap_err().0, 1);
        gone.join().unwrap();
    });
}

#[test]
fn what_nobody_receives_is_dropped_with_the_receiver() {
    both(|| {
        let item = Arc::new(());
        let (sender, receiver) = mpsc::channel();
        sender.send(Arc::clone(&item)).unwrap();
        drop(receiver);
        assert_eq!(Arc::strong_count(&item), 1);
        assert!(sender.send(Arc::clone(&item)).is_err());
        assert_eq!(Arc::strong_count(&item), 1);
    });
}

#[test]
fn to_receive_is_to_see_what_was_done_before_sending() {
    both(|| {
        let (seen, (sender, receiver)) = (AtomicUsize::new(0), mpsc::channel());
        thread::scope(|s| {
            s.spawn(|| {
                seen.store(1, Relaxed);
                sender.send(()).unwrap();
            });
            receiver.recv().unwrap();
            assert_eq!(seen.load(Relaxed), 1);
        });
    });
}

// --- Atomics

#[test]
fn atomics_compute_as_integers_that_wrap() {
    both(|| {
        let n = AtomicU8::new(250);
        assert_eq!((n.fetch_add(10, SeqCst), n.load(SeqCst)), (250, 4));
        assert_eq!((n.fetch_sub(5, SeqCst), n.load(SeqCst)), (4, 255));
        assert_eq!((n.fetch_and(0b1100, SeqCst), n.load(SeqCst)), (255, 0b1100));
        assert_eq!((n.fetch_or(0b0011, SeqCst), n.load(SeqCst)), (0b1100, 0b1111));
        assert_eq!((n.fetch_xor(0b0101, SeqCst), n.load(SeqCst)), (0b1111, 0b1010));
        assert_eq!((n.fetch_nand(0b0010, SeqCst), n.load(SeqCst)), (0b1010, 0b1111_1101));
        assert_eq!((n.fetch_max(3, SeqCst), n.fetch_min(3, SeqCst), n.swap(8, SeqCst)), (253, 253, 3));
        assert_eq!(n.into_inner(), 8);
        let signed = AtomicI8::new(i8::MAX);
        signed.fetch_add(1, Relaxed);
        assert_eq!(signed.load(Relaxed), i8::MIN);
        assert_eq!((signed.fetch_max(-3, Relaxed), signed.fetch_min(5, Relaxed)), (i8::MIN, -3));
    });
}

#[test]
fn an_exchange_happens_only_if_the_value_is_the_expected_one() {
    both(|| {
        let n = AtomicI32::new(5);
        assert_eq!(n.compare_exchange(5, 10, AcqRel, Acquire), Ok(5));
        assert_eq!(n.compare_exchange(5, 12, SeqCst, Acquire), Err(10));
        while n.compare_exchange_weak(10, 11, SeqCst, Relaxed).is_err() {}
        assert_eq!(n.load(SeqCst), 11);
        assert_eq!(n.compare_exchange_weak(10, 12, SeqCst, Relaxed), Err(11));
    });
}

#[test]
fn an_update_is_tried_again_until_it_fits() {
    both(|| {
        let n = AtomicU64::new(7);
        assert_eq!(n.fetch_update(SeqCst, SeqCst, |_| None), Err(7));
        assert_eq!(n.fetch_update(SeqCst, SeqCst, |n| Some(n + 1)), Ok(7));
        thread::scope(|s| {
            for _ in 0..2 {
                s.spawn(|| n.fetch_update(AcqRel, Relaxed, |n| Some(n * 2)).unwrap());
            }
        });
        assert_eq!(n.into_inner(), 32);
    });
}

#[test]
fn a_bool_and_a_pointer_are_atomic_too() {
    both(|| {
        let flag = AtomicBool::default();
        assert!(!flag.fetch_or(true, SeqCst));
        assert!(flag.fetch_and(false, SeqCst));
        assert!(!flag.fetch_not(SeqCst));
        assert!(flag.fetch_nand(true, SeqCst));
        assert!(!flag.fetch_xor(true, SeqCst));
        assert_eq!(format!("{flag:?}"), "true");
        let (mut one, mut two) = (1, 2);
        let mut pointer = AtomicPtr::new(&raw mut one);
        assert_eq!(pointer.swap(&raw mut two, AcqRel), &raw mut one);
        assert_eq!(*pointer.get_mut(), &raw mut two);
        assert_eq!(pointer.into_inner(), &raw mut two);
        assert!(AtomicPtr::<u8>::default().load(Relaxed).is_null());
    });
}

#[test]
fn loads_do_not_release_and_stores_do_not_acquire() {
    both(|| {
        let panics = |f: &dyn Fn()| catch_unwind(AssertUnwindSafe(f)).is_err();
        let (n, release, acquire, both, relaxed) = (AtomicI32::new(0), Release, Acquire, AcqRel, Relaxed);
        assert!(panics(&|| assert_eq!(n.load(release), 0)));
        assert!(panics(&|| n.store(1, acquire)));
        assert!(panics(&|| n.store(1, both)));
        assert!(panics(&|| fence(relaxed)));
    });
}

#[test]
fn release_and_acquire_hand_on_what_was_done_before() {
    both(|| {
        let (data, ready) = (AtomicI32::new(0), AtomicBool::new(false));
        thread::scope(|s| {
            s.spawn(|| {
                data.store(1, Relaxed);
                ready.store(true, Release);
            });
            if ready.load(Acquire) {
                assert_eq!(data.load(Relaxed), 1);
            }
        });
        assert_eq!(data.load(Relaxed), 1); // the end of the scope orders it
    });
}

#[test]
fn fences_hand_on_what_was_done_before() {
    both(|| {
        let (data, ready) = (AtomicI32::new(0), AtomicBool::new(false));
        thread::scope(|s| {
            s.spawn(|| {
                data.store(1, Relaxed);
                fence(Release);
                ready.store(true, Relaxed);
            });
            if ready.load(Relaxed) {
                fence(Acquire);
                assert_eq!(data.load(Relaxed), 1);
            }
        });
    });
}

#[test]
fn read_modify_writes_go_on_with_a_release_sequence() {
    both(|| {
        let (data, n) = (AtomicI32::new(0), AtomicI32::new(0));
        thread::scope(|s| {
            s.spawn(|| {
                data.store(1, Relaxed);
                n.store(1, Release);
            });
            s.spawn(|| n.fetch_add(10, Relaxed));
            if n.load(Acquire) == 11 {
                assert_eq!(data.load(Relaxed), 1);
            }
        });
    });
}

#[test]
fn one_thread_of_two_sees_the_others_store_if_both_are_sequentially_consistent() {
    both(|| {
        let (x, y) = (AtomicI32::new(0), AtomicI32::new(0));
        thread::scope(|s| {
            let other = s.spawn(|| {
                x.store(1, SeqCst);
                y.load(SeqCst)
            });
            y.store(1, SeqCst);
            assert!(x.load(SeqCst) + other.join().unwrap() >= 1);
        });
    });
}

#[test]
fn a_value_once_seen_is_not_unseen() {
    both(|| {
        let x = AtomicI32::new(0);
        thread::scope(|s| {
            s.spawn(|| (1..=2).for_each(|n| x.store(n, Relaxed)));
            let seen = s.spawn(|| [x.load(Relaxed), x.load(Relaxed)]).join().unwrap();
            assert!(seen[0] <= seen[1] && seen[1] <= x.load(Relaxed));
        });
    });
}

// --- Threads

#[test]
fn join_gives_what_the_thread_returns_or_panics_with() {
    both(|| {
        assert_eq!(thread::spawn(|| 5).join().unwrap(), 5);
        let payload = thread::spawn(|| std::panic::resume_unwind(Box::new(7_i32))).join();
        assert_eq!(payload.map(|()| 0).unwrap_err().downcast_ref::<i32>(), Some(&7));
    });
}

#[test]
fn what_a_thread_did_is_seen_by_who_joins_it() {
    both(|| {
        let x = Arc::new(AtomicI32::new(0));
        let theirs = Arc::clone(&x);
        thread::spawn(move || theirs.store(1, Relaxed)).join().unwrap();
        assert_eq!(x.load(Relaxed), 1);
    });
}

#[test]
fn a_thread_is_finished_at_last() {
    both(|| {
        let thread = thread::spawn(|| ());
        while !thread.is_finished() {
            thread::yield_now();
        }
        thread.join().unwrap();
    });
}

#[test]
fn threads_have_names_and_numbers_of_their_own() {
    both(|| {
        let named = thread::Builder::new().name("worker".into()).stack_size(1 << 16);
        let named =
            named.spawn(|| (thread::current().id(), thread::current().name().map(str::to_owned))).unwrap();
        let id = named.thread().id();
        assert_eq!(named.thread().name(), Some("worker"));
        let seen = named.join().unwrap();
        assert_eq!(seen, (id, Some("worker".to_owned())));
        let unnamed = thread::spawn(|| thread::current().name().map(str::to_owned));
        assert_ne!(unnamed.thread().id(), id);
        assert_eq!(unnamed.join().unwrap(), None);
        assert_ne!(thread::current().id(), id);
        assert_eq!(thread::current().id(), thread::current().id());
    });
}

#[test]
fn a_scope_waits_for_its_threads_and_lends_to_them() {
    both(|| {
        let mut numbers = vec![1, 2];
        let mut sum = 0;
        let returned = thread::scope(|s| {
            s.spawn(|| sum = numbers.iter().sum::<i32>());
            let named =
                thread::Builder::new().name("scoped".into()).spawn_scoped(s, || numbers.len()).unwrap();
            assert_eq!(named.thread().name(), Some("scoped"));
            named.join().unwrap()
        });
        numbers.push(sum);
        assert_eq!((returned, numbers), (2, vec![1, 2, 3]));
    });
}

#[test]
fn a_thread_of_a_scope_can_start_another() {
    both(|| {
        let n = AtomicI32::new(0);
        let n = &n;
        thread::scope(|s| {
            s.spawn(move || {
                n.fetch_add(1, Relaxed);
                s.spawn(move || n.fetch_add(1, Relaxed));
            });
        });
        assert_eq!(n.load(Relaxed), 2);
    });
}

#[test]
fn a_scope_panics_for_threads_that_nobody_joined() {
    both(|| {
        let scope = || thread::scope(|s| drop(s.spawn(|| std::panic::resume_unwind(Box::new("on purpose")))));
        assert!(catch_unwind(scope).is_err());
        let joined =
            || thread::scope(|s| s.spawn(|| std::panic::resume_unwind(Box::new("on purpose"))).join());
        assert!(catch_unwind(joined).unwrap().is_err());
    });
}

#[test]
fn unpark_before_park_is_not_lost_and_does_not_add_up() {
    both(|| {
        let (parked, woken) = (thread::current(), AtomicBool::new(false));
        thread::current().unpark();
        thread::current().unpark();
        thread::park(); // goes on at once
        thread::scope(|s| {
            s.spawn(|| {
                woken.store(true, Relaxed);
                parked.unpark();
            });
            while !woken.load(Relaxed) {
                thread::park();
            }
        });
    });
}

#[test]
fn park_with_a_limit_ends() {
    both(|| {
        thread::park_timeout(SHORT);
        thread::park_timeout(Duration::ZERO);
    });
}

#[test]
fn sleep_takes_at_least_as_long_as_it_says() {
    both(|| {
        let start = Instant::now();
        thread::sleep(SHORT);
        assert!(start.elapsed() >= SHORT);
        assert!(Instant::now() > start);
        assert_eq!((start + SHORT) - start, SHORT);
        assert_eq!(start.checked_duration_since(start + SHORT), None);
        assert_eq!(start.duration_since(start + SHORT), Duration::ZERO);
    });
}

#[test]
fn panicking_is_true_while_a_thread_unwinds() {
    struct Asks<'a>(&'a AtomicBool);
    impl Drop for Asks<'_> {
        fn drop(&mut self) {
            self.0.store(thread::panicking(), Relaxed);
        }
    }
    both(|| {
        let was_panicking = AtomicBool::new(false);
        drop(Asks(&was_panicking));
        assert!(!was_panicking.load(Relaxed));
        let died = catch_unwind(AssertUnwindSafe(|| {
            let _asks = Asks(&was_panicking);
            std::panic::resume_unwind(Box::new("on purpose"));
        }));
        assert!(died.is_err() && was_panicking.load(Relaxed) && !thread::panicking());
    });
}

#[test]
fn there_is_at_least_one_processor() {
    both(|| assert!(thread::available_parallelism().unwrap().get() >= 1));
}

// --- Thread-local values

thread_local! {
    static COUNT: Cell<u32> = const { Cell::new(1) };
    static WORDS: RefCell<Vec<String>> = RefCell::new(vec!["first".into()]);
}

#[test]
fn every_thread_has_its_own_value() {
    both(|| {
        COUNT.set(5);
        WORDS.with_borrow_mut(|words| words.push("second".into()));
        thread::spawn(|| {
            assert_eq!(COUNT.get(), 1);
            assert_eq!(COUNT.replace(2), 1);
            assert_eq!(WORDS.with_borrow(Vec::len), 1);
            assert_eq!(WORDS.take(), ["first"]);
        })
        .join()
        .unwrap();
        assert_eq!(COUNT.take(), 5);
        assert_eq!(WORDS.replace(vec!["first".into()]), ["first", "second"]);
        assert_eq!(COUNT.try_with(Cell::get), Ok(0));
    });
}

#[test]
fn a_threads_values_are_dropped_when_it_ends() {
    struct Tells(Arc<AtomicI32>);
    impl Drop for Tells {
        fn drop(&mut self) {
            self.0.fetch_add(1, Relaxed);
        }
    }
    thread_local! {
        static TELLS: RefCell<Option<Tells>> = const { RefCell::new(None) };
    }
    both(|| {
        let dropped = Arc::new(AtomicI32::new(0));
        let theirs = Arc::clone(&dropped);
        thread::spawn(move || TELLS.set(Some(Tells(theirs)))).join().unwrap();
        assert_eq!(dropped.load(Relaxed), 1);
    });
}

// --- Arc

#[test]
fn the_last_arc_drops_its_value() {
    both(|| {
        let shared = Arc::new(Mutex::new(1));
        let weak = Arc::downgrade(&shared);
        let theirs = Arc::clone(&shared);
        assert_eq!((Arc::strong_count(&shared), Arc::weak_count(&shared)), (2, 1));
        thread::spawn(move || *theirs.lock().unwrap() += 1).join().unwrap();
        assert_eq!(weak.upgrade().map(|shared| *shared.lock().unwrap()), Some(2));
        assert_eq!(Arc::try_unwrap(shared).unwrap().into_inner().unwrap(), 2);
        assert!(weak.upgrade().is_none());
    });
}
