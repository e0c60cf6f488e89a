//! The pool against others that could do its work: an empty task and its result, a map of 1000 short tasks, and a start
//! with a shutdown. CPython's `ThreadPoolExecutor` is measured in the same run, when there is a `python3`.
//!
//! rayon's `ThreadPool` gives a result back by `install`; the `threadpool` crate and the pool of the Rust book
//! (a `Mutex<Receiver>`) run closures only, so a result needs a channel, made for each task or shared by a map.
//!
//! The rows that begin with "bare" are no pools but what no pool can do without: the hand-over to a thread that sleeps, or
//! to one that never does; a result of its own for each task; starting and joining threads.

use std::hint;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use criterion::{BenchmarkGroup, Criterion, measurement::WallTime};
use executor::Executor;
use rayon::prelude::*;

const WORKERS: usize = 2;

/// Nanoseconds of every sample, by measurement and pool, for the table at the end.
type Seen = Vec<(&'static str, &'static str, Vec<f64>)>;

fn main() {
    let mut criterion = Criterion::default()
        .without_plots()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let mut seen = Seen::new();
    submit_and_result(&mut criterion, &mut seen);
    map_1000(&mut criterion, &mut seen);
    start_and_shut_down(&mut criterion, &mut seen);
    criterion.final_summary();
    print_table(&seen);
}

fn measure(
    group: &mut BenchmarkGroup<'_, WallTime>,
    seen: &mut Seen,
    what: &'static str,
    pool: &'static str,
    mut work: impl FnMut(),
) {
    let mut samples = Vec::new();
    group.bench_function(pool, |bencher| {
        bencher.iter_custom(|times| {
            let begun = Instant::now();
            for _ in 0..times {
                work();
            }
            let took = begun.elapsed();
            samples.push(took.as_nanos() as f64 / times as f64);
            took
        });
    });
    if !samples.is_empty() {
        seen.push((what, pool, samples));
    }
}

fn submit_and_result(criterion: &mut Criterion, seen: &mut Seen) {
    let what = "submit+result";
    let mut group = criterion.benchmark_group(what);
    let pool = Executor::new(WORKERS);
    measure(&mut group, seen, what, "executor", || pool.submit(|| ()).result().unwrap());
    let pool = rayon_pool();
    measure(&mut group, seen, what, "rayon install", || pool.install(|| ()));
    measure(&mut group, seen, what, "rayon spawn + channel", || {
        let (done, is_done) = channel();
        pool.spawn(move || done.send(()).unwrap());
        is_done.recv().unwrap();
    });
    let pool = threadpool::ThreadPool::new(WORKERS);
    measure(&mut group, seen, what, "threadpool + channel", || {
        let (done, is_done) = channel();
        pool.execute(move || done.send(()).unwrap());
        is_done.recv().unwrap();
    });
    let pool = BookPool::new();
    measure(&mut group, seen, what, "Mutex<Receiver> + channel", || {
        let (done, is_done) = channel();
        pool.execute(move || done.send(()).unwrap());
        is_done.recv().unwrap();
    });
    // What it costs when both sides sleep until the other wakes them, with nothing queued, boxed or caught.
    let (ask, asked) = channel();
    let (answer, answered) = channel();
    let sleeper = thread::spawn(move || {
        while asked.recv().is_ok() {
            answer.send(()).unwrap();
        }
    });
    measure(&mut group, seen, what, "bare thread, 2 channels", || {
        ask.send(()).unwrap();
        answered.recv().unwrap();
    });
    drop(ask);
    sleeper.join().unwrap();
    // What is left of that when both sides look all the time, and own a core each.
    let (asked, answered) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|threads| {
        threads.spawn(|| {
            loop {
                match asked.load(Ordering::Acquire) {
                    u64::MAX => break,
                    number => answered.store(number, Ordering::Release),
                }
                hint::spin_loop();
            }
        });
        let mut number = 0;
        measure(&mut group, seen, what, "bare threads that spin", || {
            number += 1;
            asked.store(number, Ordering::Release);
            while answered.load(Ordering::Acquire) != number {
                hint::spin_loop();
            }
        });
        asked.store(u64::MAX, Ordering::Release);
    });
    group.finish();
}

fn map_1000(criterion: &mut Criterion, seen: &mut Seen) {
    let what = "map-1000";
    let mut group = criterion.benchmark_group(what);
    let right: Vec<u64> = (0..1000).map(|n| n * n).collect();
    let pool = Executor::new(WORKERS);
    measure(&mut group, seen, what, "executor", || {
        let squares: Vec<u64> = pool.map(0..1000_u64, |n| n * n).map(Result::unwrap).collect();
        assert_eq!(squares, right);
    });
    let pool = rayon_pool();
    measure(&mut group, seen, what, "rayon scope, 1000 spawns", || {
        let mut squares = vec![0; 1000];
        pool.in_place_scope(|scope| {
            for (n, square) in squares.iter_mut().enumerate() {
                scope.spawn(move |_| *square = (n * n) as u64);
            }
        });
        assert_eq!(squares, right);
    });
    measure(&mut group, seen, what, "rayon spawn + channel", || {
        assert_eq!(through_a_channel(|job| pool.spawn(job)), right);
    });
    // Not the same thing: it splits the range and calls the closure in a loop. It is what rayon is for.
    measure(&mut group, seen, what, "rayon par_iter (splits)", || {
        let squares: Vec<u64> = pool.install(|| (0..1000_u64).into_par_iter().map(|n| n * n).collect());
        assert_eq!(squares, right);
    });
    let pool = threadpool::ThreadPool::new(WORKERS);
    measure(&mut group, seen, what, "threadpool + channel", || {
        assert_eq!(through_a_channel(|job| pool.execute(job)), right);
    });
    let pool = BookPool::new();
    measure(&mut group, seen, what, "Mutex<Receiver> + channel", || {
        assert_eq!(through_a_channel(|job| pool.execute(job)), right);
    });
    // A boxed closure and a result of its own for each item, run by the one thread that asks: no queue, nobody to wake.
    measure(&mut group, seen, what, "bare tasks, no threads", || {
        let mut slots = Vec::with_capacity(1000);
        let mut jobs: Vec<Job> = Vec::with_capacity(1000);
        for n in 0..1000_u64 {
            let slot = Arc::new(Mutex::new(None));
            slots.push(Arc::clone(&slot));
            jobs.push(Box::new(move || *slot.lock().unwrap() = Some(n * n)));
        }
        jobs.into_iter().for_each(|job| job());
        let squares: Vec<u64> = slots.iter().map(|slot| slot.lock().unwrap().take().unwrap()).collect();
        assert_eq!(squares, right);
    });
    group.finish();
}

/// A map for pools without results: each task sends its place and its value.
fn through_a_channel(execute: impl Fn(Box<dyn FnOnce() + Send>)) -> Vec<u64> {
    let (done, results) = channel();
    for n in 0..1000_u64 {
        let done = done.clone();
        execute(Box::new(move || done.send((n, n * n)).unwrap()));
    }
    drop(done);
    let mut squares = vec![0; 1000];
    for (n, square) in results {
        squares[n as usize] = square;
    }
    squares
}

fn start_and_shut_down(criterion: &mut Criterion, seen: &mut Seen) {
    let what = "shutdown";
    let mut group = criterion.benchmark_group(what);
    measure(&mut group, seen, what, "executor", || Executor::new(WORKERS).shutdown(true, false));
    // These two return before their threads have ended.
    measure(&mut group, seen, what, "rayon (no join)", || drop(rayon_pool()));
    measure(&mut group, seen, what, "threadpool (no join)", || drop(threadpool::ThreadPool::new(WORKERS)));
    measure(&mut group, seen, what, "Mutex<Receiver>", || drop(BookPool::new()));
    measure(&mut group, seen, what, "bare threads, spawn + join", || {
        let workers: Vec<_> = (0..WORKERS).map(|_| thread::spawn(|| ())).collect();
        workers.into_iter().for_each(|worker| worker.join().unwrap());
    });
    group.finish();
}

fn rayon_pool() -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(WORKERS).build().unwrap()
}

type Job = Box<dyn FnOnce() + Send>;

/// The pool that many of us wrote first: the workers share one receiver behind a mutex.
struct BookPool {
    jobs: Option<Sender<Job>>,
    workers: Vec<JoinHandle<()>>,
}

impl BookPool {
    fn new() -> BookPool {
        let (jobs, queue) = channel::<Job>();
        let queue: Arc<Mutex<Receiver<Job>>> = Arc::new(Mutex::new(queue));
        let work = |queue: Arc<Mutex<Receiver<Job>>>| {
            move || {
                loop {
                    let job = queue.lock().unwrap().recv();
                    match job {
                        Ok(job) => job(),
                        Err(_) => return,
                    }
                }
            }
        };
        let workers = (0..WORKERS).map(|_| thread::spawn(work(Arc::clone(&queue)))).collect();
        BookPool { jobs: Some(jobs), workers }
    }

    fn execute(&self, job: impl FnOnce() + Send + 'static) {
        self.jobs.as_ref().unwrap().send(Box::new(job)).unwrap();
    }
}

impl Drop for BookPool {
    fn drop(&mut self) {
        drop(self.jobs.take());
        for worker in self.workers.drain(..) {
            worker.join().unwrap();
        }
    }
}

fn print_table(seen: &Seen) {
    // What a tenth of the samples stay below is the work; what the median adds is who else used the machine.
    let mut rows: Vec<(String, String, [f64; 2])> = Vec::new();
    for (what, pool, samples) in seen {
        let mut samples = samples.clone();
        samples.sort_by(f64::total_cmp);
        rows.push((
            (*what).into(),
            (*pool).into(),
            [samples[samples.len() / 10], samples[samples.len() / 2]],
        ));
    }
    if rows.len() < 2 {
        return; // `cargo test --benches` runs each body once and measures nothing.
    }
    let script = include_str!("cpython.py");
    match Command::new("python3").args(["-c", script]).output() {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let version = text.lines().find_map(|line| line.strip_prefix("version ")).unwrap_or("?");
            for line in text.lines() {
                let words: Vec<&str> = line.split(' ').collect();
                if let [what, tenth, median] = words[..]
                    && let (Ok(tenth), Ok(median)) = (tenth.parse(), median.parse())
                {
                    rows.push((what.into(), format!("CPython {version}"), [tenth, median]));
                }
            }
        }
        _ => println!("CPython: skipped, no python3 that runs the script was found"),
    }
    println!(
        "\n{:<16}{:<28}{:>13}{:>13}{:>14}",
        "what", "pool (2 workers)", "a tenth in", "half in", "to executor"
    );
    for (what, pool, [tenth, median]) in &rows {
        let Some(ours) = rows.iter().find(|(w, p, _)| w == what && p == "executor").map(|row| row.2[0])
        else {
            continue;
        };
        let [us, half] = [tenth, median].map(|ns| ns / 1000.0);
        println!("{what:<16}{pool:<28}{us:>10.1} us{half:>10.1} us{:>13.2}x", tenth / ours);
    }
}
