//! The same threads, over waiting and over computing: the one scales with threads, the other with cores.
//!
//! A job that waits needs a thread and no core, so eight of them overlap on one core. A job
//! that computes needs a core, so on two cores eight of them take four times as long as one,
//! with two threads or with eight. The system's own count tells which is which: a job that
//! waits gives its core away (a voluntary switch), one that computes can only have it taken
//! away.
//!
//! CPython adds a rule: one thread at a time runs Python code (the GIL), though not while it
//! waits. So its threads overlap waits as well as Rust's, and do not speed up Python code that
//! computes. Once both kinds of work share a process, the rule costs the waiting threads, too:
//! see [`mixed`]. The free-threaded build (3.13 and later) has no such rule. None of this has
//! to be believed: `python.rs` runs the same jobs with CPython, in the same minute.

pub mod python;
mod switches;
pub mod verdict;

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use executor::Executor;
use ureq::Agent;

use crate::switches::switches;

/// One measurement.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// How many threads did the jobs.
    pub threads: usize,
    /// From the first job's beginning to the last one's end.
    pub took: Duration,
    /// How often a thread gave its core away during a job; `None` where the system does not say.
    pub gave_way: Option<u64>,
    /// How often a thread's core was taken away during a job.
    pub was_stopped: Option<u64>,
}

/// Does `job` `jobs` times with `threads` threads.
///
/// # Panics
/// When the job does.
pub fn measure(threads: usize, jobs: usize, job: impl Fn() + Clone + Send + Sync + 'static) -> Run {
    // The threads exist before the clock starts: starting them is neither computing nor waiting.
    let pool = Executor::builder(threads).initializer(|_| ()).build().unwrap();
    let begun = Instant::now();
    let counts: Vec<_> = pool.map(0..jobs, move |_| counted(&job)).map(Result::unwrap).collect();
    let took = begun.elapsed();
    let sum = |which: fn((u64, u64)) -> u64| counts.iter().map(|both| both.map(which)).sum();
    Run { threads, took, gave_way: sum(|both| both.0), was_stopped: sum(|both| both.1) }
}

/// How long `threads` threads take for `waits` waits of `time` each, while `computing` more
/// threads compute all the time.
pub fn mixed(threads: usize, waits: usize, time: Duration, computing: usize) -> Duration {
    let done = AtomicBool::new(false);
    thread::scope(|all| {
        for _ in 0..computing {
            all.spawn(|| {
                while !done.load(Relaxed) {
                    compute(1000);
                }
            });
        }
        let begun = Instant::now();
        thread::scope(|waiting| {
            for _ in 0..threads {
                waiting.spawn(|| (0..waits).for_each(|_| thread::sleep(time)));
            }
        });
        let took = begun.elapsed();
        done.store(true, Relaxed);
        took
    })
}

/// How often the calling thread gave its core away and lost it during `job`. A pool's worker gives way between two jobs, too.
fn counted(job: impl Fn()) -> Option<(u64, u64)> {
    let before = switches();
    job();
    let (before, after) = (before?, switches()?);
    Some((after.0 - before.0, after.1 - before.1))
}

/// A job that computes: so many rounds of an addition and a rotation, which no compiler can shorten.
pub fn compute(rounds: u64) -> u64 {
    (0..rounds).fold(1, |sum: u64, round| std::hint::black_box(sum.rotate_left(5).wrapping_add(round)))
}

/// How many rounds take about `time` on this machine, now.
pub fn rounds_for(time: Duration) -> u64 {
    let mut rounds = 10_000;
    loop {
        let begun = Instant::now();
        compute(rounds);
        let took = begun.elapsed();
        if took >= Duration::from_millis(2) {
            return (rounds as f64 * time.as_secs_f64() / took.as_secs_f64()) as u64;
        }
        rounds *= 2;
    }
}

/// A job that waits: one request.
///
/// # Panics
/// When the request fails.
pub fn request(client: &Agent, url: &str) {
    client
        .get(url)
        .call()
        .and_then(|mut answer| answer.body_mut().read_to_vec())
        .expect("the lab server answers");
}
