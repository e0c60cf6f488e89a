//! Many tasks, with cancels, panics and shutdowns at random moments: each task ends in exactly one way.
//!
//! `EXECUTOR_STRESS_TASKS=1000000 cargo test -p executor --test stress` runs the million; by default it is fewer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use executor::{Executor, Task, TaskError};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const ROUND: usize = 2000;

#[derive(Default, Debug)]
struct Ends {
    values: usize,
    panics: usize,
    cancelled: usize,
    refused: usize,
}

#[test]
fn each_task_ends_in_exactly_one_way() {
    let wanted: usize = std::env::var("EXECUTOR_STRESS_TASKS")
        .ok()
        .map_or(40_000, |tasks| tasks.parse().expect("a number of tasks"));
    let mut all = Ends::default();
    for seed in 0..wanted.div_ceil(ROUND) as u64 {
        let round = round(seed);
        let ended = round.values + round.panics + round.cancelled + round.refused;
        assert_eq!(ended, ROUND, "seed {seed}: {round:?}");
        all.values += round.values;
        all.panics += round.panics;
        all.cancelled += round.cancelled;
        all.refused += round.refused;
    }
    // Shown with --nocapture. Every way to end must have been taken, or the stress shows nothing.
    println!("{wanted} tasks: {all:?}");
    assert!(all.values > 0 && all.panics > 0 && all.cancelled > 0 && all.refused > 0, "{all:?}");
}

/// One pool, two submitters of which one also cancels, and a shutdown in the midst of it.
fn round(seed: u64) -> Ends {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut builder = Executor::builder(rng.random_range(1..=4));
    if rng.random_bool(0.5) {
        builder = builder.queue_bound(rng.random_range(1..200));
    }
    let pool = builder.build().unwrap();
    let begun: Arc<Vec<AtomicUsize>> = Arc::new((0..ROUND).map(|_| AtomicUsize::new(0)).collect());
    let submitted = AtomicUsize::new(0);
    let shutdown_after = rng.random_range(0..ROUND + ROUND / 2);
    let cancel_pending = rng.random_bool(0.5);

    let submit = |from: usize, mut rng: StdRng| -> Vec<Task<usize>> {
        let mut tasks: Vec<Task<usize>> = Vec::new();
        for number in from..from + ROUND / 2 {
            let begun = Arc::clone(&begun);
            let panics = rng.random_ratio(1, 10);
            let spins = rng.random_range(0..50);
            tasks.push(pool.submit(move || {
                begun[number].fetch_add(1, Ordering::SeqCst);
                for _ in 0..spins {
                    std::hint::spin_loop();
                }
                if panics {
                    // Unlike panic!, this leaves no message on stderr.
                    std::panic::resume_unwind(Box::new(number));
                }
                number
            }));
            submitted.fetch_add(1, Ordering::SeqCst);
            if rng.random_ratio(1, 5) {
                let earlier = rng.random_range(0..tasks.len());
                tasks[earlier].cancel();
            }
        }
        tasks
    };
    let halves = (StdRng::from_rng(&mut rng), StdRng::from_rng(&mut rng));
    let tasks = thread::scope(|threads| {
        let first = threads.spawn(|| submit(0, halves.0));
        let second = threads.spawn(|| submit(ROUND / 2, halves.1));
        while submitted.load(Ordering::SeqCst) < shutdown_after.min(ROUND) {
            thread::yield_now();
        }
        pool.shutdown(seed.is_multiple_of(3), cancel_pending);
        let mut tasks = first.join().unwrap();
        tasks.extend(second.join().unwrap());
        tasks
    });
    drop(pool);

    let mut ends = Ends::default();
    for (number, task) in tasks.into_iter().enumerate() {
        assert!(task.done(), "seed {seed}: the pool is gone and task {number} has not ended");
        let times = begun[number].load(Ordering::SeqCst);
        let ran = match task.result() {
            Ok(value) => {
                assert_eq!(value, number);
                ends.values += 1;
                1
            }
            Err(TaskError::Panicked(panic)) => {
                assert_eq!(panic.into_payload().downcast_ref(), Some(&number));
                ends.panics += 1;
                1
            }
            Err(TaskError::Cancelled) => {
                ends.cancelled += 1;
                0
            }
            Err(TaskError::ShutDown) => {
                ends.refused += 1;
                0
            }
            Err(other) => panic!("seed {seed}, task {number}: {other}"),
        };
        assert_eq!(times, ran, "seed {seed}, task {number} ran {times} times");
    }
    ends
}
