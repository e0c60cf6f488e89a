//! Threads that wait for each other: latches, one-shot channels, barriers, buffers, event counts, pools.

use crate::{ENDLESS, FOR_EVER, Semaphore, right, wrong};
use std::cell::Cell;
use std::collections::VecDeque;
use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, Ordering::*};
use std::sync::{Condvar, Mutex};
use std::thread;

/// A count-down latch (D. Lea, java.util.concurrent, 2004).
fn latch(counts_down: fn(&Mutex<usize>, &Condvar)) {
    let (left, open) = (Mutex::new(2), Condvar::new());
    let done = AtomicUsize::new(0);
    thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| {
                done.fetch_add(1, Relaxed); // the latch orders it
                counts_down(&left, &open);
            });
        }
        let left = open.wait_while(left.lock().unwrap(), |left| *left > 0).unwrap();
        assert_eq!(done.load(Relaxed), 2, "the latch opens too early");
        drop(left);
    });
}

#[test]
fn a_latch_opens_at_zero() {
    right(|| {
        latch(|left, open| {
            let mut left = left.lock().unwrap();
            *left -= 1;
            if *left == 0 {
                open.notify_all();
            }
        });
    });
}

#[test]
fn a_latch_counts_and_tells_under_one_lock() {
    wrong(FOR_EVER, || {
        latch(|left, open| {
            let now = *left.lock().unwrap() - 1;
            *left.lock().unwrap() = now; // two that count down to 1 at once
            if now == 0 {
                open.notify_all();
            }
        });
    });
    wrong(FOR_EVER, || {
        latch(|left, open| {
            open.notify_all(); // before there is anything to tell
            *left.lock().unwrap() -= 1;
        });
    });
}

/// A channel for one message, as in M. Bos, "Rust atomics and locks", 2023, chapter 5.
fn one_shot(publishes: Ordering, waits_in_a_loop: bool) {
    let (message, is_ready) = (AtomicUsize::new(0), AtomicBool::new(false));
    let receiver = thread::current();
    thread::scope(|s| {
        s.spawn(|| {
            message.store(42, Relaxed);
            is_ready.store(true, publishes);
            receiver.unpark();
        });
        if waits_in_a_loop {
            while !is_ready.load(Acquire) {
                thread::park();
            }
        } else if !is_ready.load(Acquire) {
            thread::park();
            assert!(is_ready.load(Acquire), "woken, but nothing is there");
        }
        assert_eq!(message.load(Relaxed), 42, "the message is not there yet");
    });
}

#[test]
fn a_one_shot_channel_delivers() {
    right(|| one_shot(Release, true));
}

#[test]
fn a_one_shot_channel_publishes_and_looks_again() {
    wrong("not there yet", || one_shot(Relaxed, true));
    wrong("nothing is there", || one_shot(Release, false));
}

/// A barrier of two turnstiles, to be used again and again ("Little book of semaphores", 3.7).
fn turnstiles(second: bool) {
    const N: usize = 2;
    let inside = Mutex::new(0);
    let (first_gate, second_gate) = (Semaphore::new(0), Semaphore::new(0));
    let rounds = [AtomicUsize::new(0), AtomicUsize::new(0)];
    let open = |gate: &Semaphore| (0..N).for_each(|_| gate.release());
    let worker = |_| {
        for round in &rounds {
            round.fetch_add(1, SeqCst);
            let mut n = inside.lock().unwrap();
            *n += 1;
            if *n == N {
                if !second {
                    *n = 0;
                }
                open(&first_gate);
            }
            drop(n);
            first_gate.acquire();
            assert_eq!(round.load(SeqCst), N, "somebody is a round ahead");
            if second {
                let mut n = inside.lock().unwrap();
                *n -= 1;
                if *n == 0 {
                    open(&second_gate);
                }
                drop(n);
                second_gate.acquire();
            }
        }
    };
    let worker = &worker;
    thread::scope(|s| {
        for me in 0..N {
            s.spawn(move || worker(me));
        }
    });
}

#[test]
fn two_turnstiles_make_a_barrier_for_every_round() {
    right(|| turnstiles(true));
}

#[test]
fn with_one_turnstile_a_fast_thread_goes_through_it_twice() {
    wrong(FOR_EVER, || turnstiles(false));
}

/// Dijkstra's bounded buffer, 1965: three semaphores.
fn bounded_buffer(takes_the_lock_last: bool) {
    let (room, items, lock) = (Semaphore::new(1), Semaphore::new(0), Semaphore::new(1));
    let buffer = Mutex::new(VecDeque::new());
    let enter = |counts: &Semaphore| {
        if takes_the_lock_last {
            counts.acquire();
            lock.acquire();
        } else {
            lock.acquire();
            counts.acquire();
        }
    };
    thread::scope(|s| {
        s.spawn(|| {
            for item in 0..2 {
                enter(&room);
                buffer.lock().unwrap().push_back(item);
                lock.release();
                items.release();
            }
        });
        for item in 0..2 {
            enter(&items);
            assert_eq!(buffer.lock().unwrap().pop_front(), Some(item));
            lock.release();
            room.release();
        }
    });
}

#[test]
fn a_bounded_buffer_hands_on_in_order() {
    right(|| bounded_buffer(true));
}

#[test]
fn who_waits_for_room_does_not_keep_the_lock() {
    wrong(FOR_EVER, || bounded_buffer(false));
}

/// An event count (D. P. Reed and R. K. Kanodia, 1979): waiting for a condition that is not under the lock.
fn event_count(reads_the_count_first: bool) {
    let (count, advanced) = (Mutex::new(0), Condvar::new());
    let work = AtomicUsize::new(0);
    thread::scope(|s| {
        s.spawn(|| {
            work.store(1, SeqCst);
            *count.lock().unwrap() += 1;
            advanced.notify_all();
        });
        loop {
            let ticket = Cell::new(0);
            let read = || ticket.set(*count.lock().unwrap());
            if reads_the_count_first {
                read();
            }
            if work.load(SeqCst) == 1 {
                break;
            }
            if !reads_the_count_first {
                read();
            }
            drop(advanced.wait_while(count.lock().unwrap(), |now| *now == ticket.get()).unwrap());
        }
    });
}

#[test]
fn an_event_count_misses_nothing() {
    right(|| event_count(true));
}

#[test]
fn who_reads_the_count_too_late_sleeps_through_the_event() {
    wrong(FOR_EVER, || event_count(false));
}

/// An exchanger (W. N. Scherer and others, 2005): two threads meet, and each leaves with what the other brought.
fn exchanger(offers_at_once: bool) {
    let (offer, answer) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let exchange = |mine: usize| {
        let is_first = if offers_at_once {
            offer.compare_exchange(0, mine, AcqRel, Acquire).is_ok()
        } else {
            let is_first = offer.load(SeqCst) == 0;
            if is_first {
                offer.store(mine, SeqCst);
            }
            is_first
        };
        if !is_first {
            answer.store(mine, Release);
            return offer.load(Acquire);
        }
        loop {
            let theirs = answer.load(Acquire);
            if theirs != 0 {
                return theirs;
            }
            spin_loop();
        }
    };
    thread::scope(|s| {
        let other = s.spawn(|| exchange(1));
        assert_eq!(exchange(2), 1);
        assert_eq!(other.join().unwrap(), 2);
    });
}

#[test]
fn two_who_meet_exchange() {
    right(|| exchanger(true));
}

#[test]
fn two_who_are_both_first_wait_for_each_other() {
    wrong(ENDLESS, || exchanger(false));
}

/// A pool of workers that is told to stop by a flag.
fn pool(flag_is_under_the_lock: bool) {
    let (jobs, comes) = (Mutex::new(VecDeque::from([1, 2])), Condvar::new());
    let (stop, done) = (AtomicBool::new(false), AtomicUsize::new(0));
    let work = || {
        loop {
            let mut queue = jobs.lock().unwrap();
            while queue.is_empty() && !stop.load(SeqCst) {
                queue = comes.wait(queue).unwrap();
            }
            let Some(job) = queue.pop_front() else { return };
            drop(queue);
            done.fetch_add(job, SeqCst);
        }
    };
    thread::scope(|s| {
        let workers = [s.spawn(work), s.spawn(work)];
        if flag_is_under_the_lock {
            let _queue = jobs.lock().unwrap();
            stop.store(true, SeqCst);
        } else {
            stop.store(true, SeqCst); // between a worker's look and its wait
        }
        comes.notify_all();
        for worker in workers {
            worker.join().unwrap();
        }
    });
    assert_eq!(done.into_inner(), 3, "a job is left undone");
}

#[test]
fn a_pool_does_its_jobs_and_stops() {
    right(|| pool(true));
}

#[test]
fn a_stop_flag_outside_the_lock_is_missed() {
    wrong(FOR_EVER, || pool(false));
}
