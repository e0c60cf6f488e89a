//! The reduction loses nothing: random programs about time, orderings, and threads that start and join others have the same
//! outcomes with it as without. `soundness.rs` does the same for what std does without time, against an enumeration of its own.
//!
//! `INTERLEAVE_PROGRAMS` sets how many programs there are, and `INTERLEAVE_SEED` which.

#![allow(missing_docs)]

#[macro_use]
extern crate interleave as std; // in this test, std's threads are explored

mod dice;

use dice::{Dice, number};
use interleave::{__outcomes, Check, Ending};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering, Ordering::*};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

#[derive(Clone, Debug)]
enum Op {
    Load(usize, Ordering),
    Store(usize, i64, Ordering),
    Add(usize, i64),
    /// Under the lock: 7 times the value and this.
    Mix(i64),
    TryMix(i64),
    Sleep(u64),
    /// How late it is.
    Elapsed,
    Wait,
    WaitFor(u64),
    NotifyOne,
    NotifyAll,
    ParkFor(u64),
    /// Unparks the scenario's own thread, or the one with this number.
    Unpark(usize),
    Send(i64),
    ReceiveFor(u64),
    TryReceive,
    /// Starts a thread that does this.
    Start(Vec<Op>),
    /// Whether the last thread that it started has finished.
    IsFinished,
    /// Joins the last thread that it started.
    Join,
}
use Op::*;

/// What the threads of a program share.
struct Shared {
    atomics: [AtomicI64; 2],
    mutex: Mutex<i64>,
    changed: Condvar,
    start: Instant,
}

/// What one thread has.
struct Own {
    sender: Sender<i64>,
    receiver: Option<Receiver<i64>>,
    others: Vec<Thread>,
    started: Vec<JoinHandle<Vec<i64>>>,
}

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Does what the thread is told, and returns what it saw.
fn go(shared: &Arc<Shared>, mut own: Own, ops: &[Op]) -> Vec<i64> {
    let mut saw = vec![];
    for op in ops {
        match *op {
            Load(a, order) => saw.push(shared.atomics[a].load(order)),
            Store(a, n, order) => shared.atomics[a].store(n, order),
            Add(a, n) => saw.push(shared.atomics[a].fetch_add(n, AcqRel)),
            Mix(n) => {
                let mut value = shared.mutex.lock().unwrap();
                *value = *value * 7 + n;
                saw.push(*value);
            }
            TryMix(n) => saw.push(shared.mutex.try_lock().map_or(-1, |mut value| {
                *value = *value * 7 + n;
                *value
            })),
            Sleep(n) => thread::sleep(ms(n)),
            Elapsed => saw.push(shared.start.elapsed().as_millis() as i64),
            Wait => saw.push(*shared.changed.wait(shared.mutex.lock().unwrap()).unwrap()),
            WaitFor(n) => {
                let (value, end) = shared.changed.wait_timeout(shared.mutex.lock().unwrap(), ms(n)).unwrap();
                saw.extend([*value, i64::from(end.timed_out())]);
            }
            NotifyOne => shared.changed.notify_one(),
            NotifyAll => shared.changed.notify_all(),
            ParkFor(n) => thread::park_timeout(ms(n)),
            Unpark(n) => own.others[n % own.others.len()].unpark(),
            Send(n) => saw.push(i64::from(own.sender.send(n).is_ok())),
            ReceiveFor(n) => {
                saw.extend(own.receiver.as_ref().map(|receiver| receiver.recv_timeout(ms(n)).unwrap_or(-1)));
            }
            TryReceive => saw.extend(own.receiver.as_ref().map(|receiver| receiver.try_recv().unwrap_or(-1))),
            Start(ref ops) => {
                let (shared, ops) = (Arc::clone(shared), ops.clone());
                let (sender, others) = (own.sender.clone(), own.others.clone());
                let theirs = Own { sender, receiver: None, others, started: vec![] };
                own.started.push(thread::spawn(move || go(&shared, theirs, &ops)));
            }
            IsFinished => saw.extend(own.started.last().map(|thread| i64::from(thread.is_finished()))),
            Join => saw.extend(own.started.pop().map(|thread| thread.join().unwrap()).into_iter().flatten()),
        }
    }
    for thread in own.started {
        saw.extend(thread.join().unwrap());
    }
    saw
}

fn run(threads: &[Vec<Op>]) -> Vec<Vec<i64>> {
    let shared = Arc::new(Shared {
        atomics: [AtomicI64::new(0), AtomicI64::new(0)],
        mutex: Mutex::new(0),
        changed: Condvar::new(),
        start: Instant::now(),
    });
    let (sender, receiver) = mpsc::channel();
    let mut receiver = Some(receiver);
    let mut others = vec![thread::current()];
    let mut handles = vec![];
    for ops in &threads[1..] {
        let (shared, ops) = (Arc::clone(&shared), ops.clone());
        let own = Own { sender: sender.clone(), receiver: None, others: others.clone(), started: vec![] };
        let handle = thread::spawn(move || go(&shared, own, &ops));
        others.push(handle.thread().clone());
        handles.push(handle);
    }
    let own = Own { sender, receiver: receiver.take(), others, started: vec![] };
    let mut saw = vec![go(&shared, own, &threads[0])];
    saw.extend(handles.into_iter().map(|handle| handle.join().unwrap()));
    let atomics = shared.atomics.iter().map(|a| a.load(Relaxed));
    saw.push(atomics.chain([*shared.mutex.lock().unwrap()]).collect());
    saw
}

/// Some operations that belong together.
fn phrase(dice: &mut Dice, nested: bool) -> Vec<Op> {
    let (a, n, time) = (dice.below(2), 1 + dice.below(3) as i64, dice.time());
    let load = Load(a, dice.one_of(&[Relaxed, Acquire, SeqCst]));
    let store = Store(a, n, dice.one_of(&[Relaxed, Release, SeqCst]));
    match dice.below(14) {
        0 => vec![load],
        1 => vec![store],
        2 => vec![Add(a, n)],
        3 => vec![Mix(n)],
        4 => vec![TryMix(n)],
        5 => vec![Sleep(time), dice.one_of(&[load, store, Elapsed])],
        6 => vec![Elapsed],
        7 => vec![WaitFor(time)],
        8 => vec![dice.one_of(&[NotifyOne, NotifyAll, Wait])],
        9 => vec![ParkFor(time), load],
        10 => vec![store, Unpark(a)],
        11 => vec![Send(n)],
        12 => vec![dice.one_of(&[ReceiveFor(time), TryReceive]), load],
        _ if nested => vec![load],
        _ => {
            let mut ops = phrase(dice, true);
            ops.truncate(2);
            let then = dice.one_of(&[Join, IsFinished, Sleep(time), load, Elapsed]);
            vec![Start(ops), then]
        }
    }
}

/// Two or three threads, and how many spurious events there may be.
fn program(dice: &mut Dice) -> (Vec<Vec<Op>>, u32) {
    let threads = 2 + dice.below(2);
    let most = if threads == 2 { 4 } else { 3 };
    let thread = |_| {
        let mut ops = phrase(dice, false);
        while ops.len() < most && dice.below(4) > 0 {
            ops.extend(phrase(dice, false));
        }
        ops
    };
    let threads = (0..threads).map(thread).collect();
    (threads, dice.below(3) as u32 / 2)
}

/// About how many interleavings there are.
fn size((threads, faults): &(Vec<Vec<Op>>, u32)) -> usize {
    fn steps(ops: &[Op]) -> (usize, Vec<usize>) {
        let (mut own, mut nested) = (1, vec![]);
        for op in ops {
            own += match op {
                Wait | WaitFor(_) | ReceiveFor(_) => 3,
                Start(ops) => {
                    nested.push(steps(ops).0);
                    0
                }
                _ => 1,
            };
        }
        (own, nested)
    }
    let all = threads.iter().flat_map(|ops| {
        let (own, nested) = steps(ops);
        [own].into_iter().chain(nested)
    });
    let (mut orders, mut taken) = (1 + 2 * *faults as usize, 0);
    for steps in all {
        for mine in 1..=steps {
            taken += 1;
            orders = orders.saturating_mul(taken) / mine;
        }
    }
    orders
}

type Outcomes = BTreeSet<Result<Vec<Vec<i64>>, String>>;

fn explored((threads, faults): &(Vec<Vec<Op>>, u32), reduce: bool) -> (Outcomes, usize) {
    let program = threads.clone();
    let outcomes = __outcomes(move || run(&program), reduce, *faults);
    assert!(outcomes.is_complete(), "too large a program: {threads:?}");
    // Which threads wait forever is a part of the outcome, not in which words that is told.
    let ending = |row: &interleave::Outcome<Vec<Vec<i64>>>| match &row.ending {
        Ending::Returned(saw) => Ok(saw.clone()),
        Ending::Failed(how) => Err(how.lines().next().unwrap_or_default().to_string()),
    };
    (outcomes.rows().iter().map(ending).collect(), outcomes.rows().iter().map(|row| row.count).sum())
}

/// Without the reduction each of them runs.
const LARGEST: usize = 1_000;

#[test]
fn random_programs_have_the_same_outcomes_with_the_reduction_and_without() {
    let (programs, seed) = (number("INTERLEAVE_PROGRAMS", 1_500) / 3, number("INTERLEAVE_SEED", 1));
    let (mut all, mut few, mut outcomes, mut checked, mut traces) = (0, 0, 0, 0, 0);
    for i in 0..programs {
        let mut dice = Dice((seed as u64) << 40 | i as u64);
        let program = ::std::iter::repeat_with(|| program(&mut dice)).find(|p| size(p) <= LARGEST).unwrap();
        let (full, runs) = explored(&program, false);
        let (reduced, reduced_runs) = explored(&program, true);
        assert_eq!(full, reduced, "with the reduction (right), program {i} of seed {seed}: {program:?}");
        (all, few, outcomes) = (all + runs, few + reduced_runs, outcomes + full.len());
        if full.iter().all(Result::is_ok) {
            let (threads, faults) = program;
            let check = Check::new().wakeups(faults).try_run(move || drop(run(&threads)));
            checked += check.unwrap_or_else(|failed| panic!("{failed}")).runs();
            traces += reduced_runs;
        }
    }
    println!(
        "{programs} programs: {outcomes} outcomes, {all} interleavings without the reduction, {few} with it; a check \
         takes {checked} runs for {traces} traces"
    );
    assert!(few < all, "the programs are too tame to show anything");
    // Source sets don't exclude that a run turns out to be one that was tried before: about one in ten does here.
    assert!(checked * 10 <= traces * 12, "{checked} runs for {traces} traces");
}

/// That many of the programs above end with a thread that waits forever; in these, the run that shows it comes first.
#[test]
fn a_step_that_never_happened_is_tried_first_too() {
    fn both_orders(scenario: fn() -> usize) {
        let [full, reduced] = [false, true].map(|reduce| {
            let outcomes = __outcomes(scenario, reduce, 0);
            outcomes.rows().iter().map(|row| row.ending.clone()).collect::<Vec<_>>()
        });
        assert!(full.iter().any(|ending| matches!(ending, Ending::Failed(_))), "{full:?}");
        assert!(full.iter().any(|ending| matches!(ending, Ending::Returned(_))), "{full:?}");
        assert_eq!(full, reduced);
    }
    // One thread never releases the lock.
    both_orders(|| {
        let lock = Arc::new(Mutex::new(()));
        let theirs = Arc::clone(&lock);
        let keeps = thread::spawn(move || ::std::mem::forget(theirs.lock().unwrap()));
        drop(lock.lock().unwrap());
        keeps.join().unwrap();
        1
    });
    // There is room for one item, and only one is received before the others are joined.
    both_orders(|| {
        let (sender, receiver) = mpsc::sync_channel(1);
        let again = sender.clone();
        let sends = thread::spawn(move || again.send(1).unwrap());
        let first = thread::spawn(move || receiver.try_recv().map(|_| receiver));
        sender.send(2).unwrap();
        let received = first.join().unwrap().is_ok();
        sends.join().unwrap_or_default();
        usize::from(received)
    });
}

/// What a thread does after a thousand steps is up to a lottery, but what it did before is reversed.
#[test]
fn the_races_before_a_run_became_long_are_reversed() {
    let failed = Check::new().try_run(|| {
        let shared = Arc::new([AtomicI64::new(0), AtomicI64::new(0)]);
        let theirs = Arc::clone(&shared);
        let long = thread::spawn(move || {
            let saw = theirs[0].load(SeqCst);
            for n in 0..1_100 {
                theirs[1].store(n, SeqCst);
            }
            assert_eq!(saw, 1, "the first load comes after the store in some runs only");
        });
        shared[0].store(1, SeqCst);
        long.join().unwrap();
    });
    let failed = failed.unwrap_err();
    assert!(
        failed.runs() <= 2,
        "the second class of interleavings was not the second run: {}",
        failed.runs()
    );
}
