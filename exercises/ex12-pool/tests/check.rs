// The check of exercise 12. It is finished: change src/lib.rs, not this file.
//
// A pool has four promises to keep. Every job that was queued is done, and the workers have ended, before the pool is
// gone. As many jobs run at once as there are workers: in `while let Ok(job) = queue.lock().unwrap().recv()` the guard lives
// until the end of the body, so the other workers wait for the lock as long as the job runs. Never more than that. And a
// job that panics ends neither its worker nor the pool.
//
// This check runs your code under every interleaving of the workers' steps, or under some thousands of them if
// there are more, and shows the shortest one that goes wrong as a table of your own lines.
// Run it with `cargo test -p ex12-pool`; read docs/12-executor.md.

#![deny(deprecated)] // of files, sockets and the like: a check cannot follow them

#[macro_use]
extern crate interleave as std; // in this file, and in what it takes in, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;

mod pool {
    include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs"));
}

use interleave::Check;
use pool::Pool;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

/// The clock is virtual: it moves only when every thread waits. So nobody waits this long, unless nobody else can go on.
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Queues jobs that each add one to the count.
fn queue_counting_jobs(pool: &Pool, jobs: usize, done: &Arc<AtomicUsize>) {
    for _ in 0..jobs {
        let done = Arc::clone(done);
        pool.execute(move || {
            done.fetch_add(1, SeqCst);
        });
    }
}

#[test]
fn all_jobs_are_done_before_the_pool_is_gone() {
    Check::new().must_join().runs(3_000).run(|| {
        let done = Arc::new(AtomicUsize::new(0));
        let pool = Pool::new(1);
        queue_counting_jobs(&pool, 2, &done);
        drop(pool);
        let done = done.load(SeqCst);
        assert!(done >= 2, "2 jobs were queued, but {done} of them had been done when the pool was gone");
        assert!(done == 2, "2 jobs were queued, but {done} were done");
    });
}

#[test]
fn all_workers_end_with_the_pool() {
    Check::new().must_join().runs(3_000).run(|| {
        let done = Arc::new(AtomicUsize::new(0));
        let pool = Pool::new(2);
        queue_counting_jobs(&pool, 1, &done);
        drop(pool);
        let done = done.load(SeqCst);
        assert!(
            done == 1,
            "1 job was queued for 2 workers, but {done} jobs had been done when the pool was gone"
        );
    });
}

#[test]
fn jobs_run_side_by_side() {
    Check::new().wakeups(0).runs(3_000).run(|| {
        let (tell, told) = mpsc::channel();
        let (greet_second, first_is_here) = mpsc::channel();
        let (greet_first, second_is_here) = mpsc::channel();
        let pool = Pool::new(2);
        // Each job greets the other one, and waits for its greeting. If that takes an hour, the other one was not started.
        for (greet, other_is_here) in [(greet_second, second_is_here), (greet_first, first_is_here)] {
            let tell = tell.clone();
            pool.execute(move || {
                let _ = greet.send(());
                let have_met = other_is_here.recv_timeout(HOUR).is_ok();
                let _ = tell.send(have_met);
            });
        }
        let have_met = [told.recv_timeout(3 * HOUR), told.recv_timeout(3 * HOUR)];
        drop(pool);
        let unheard = have_met.contains(&Err(RecvTimeoutError::Timeout));
        assert!(!unheard, "2 jobs were queued for 2 workers, but one was never done");
        assert!(
            have_met == [Ok(true), Ok(true)],
            "there are 2 workers, but the second of 2 jobs did not start while the first was running: what does the other worker \
             wait for?"
        );
    });
}

#[test]
fn no_more_jobs_at_once_than_workers() {
    Check::new().wakeups(0).runs(3_000).run(|| {
        let (running, (tell, told)) = (Arc::new(AtomicUsize::new(0)), mpsc::channel());
        let pool = Pool::new(1);
        for _ in 0..2 {
            let (running, tell) = (Arc::clone(&running), tell.clone());
            pool.execute(move || {
                let now = running.fetch_add(1, SeqCst) + 1;
                running.fetch_sub(1, SeqCst);
                let _ = tell.send(now);
            });
        }
        let at_once = [told.recv_timeout(HOUR), told.recv_timeout(HOUR)];
        drop(pool);
        assert!(!at_once.contains(&Ok(2)), "2 jobs ran at once in a pool of 1 worker");
        assert!(at_once == [Ok(1), Ok(1)], "2 jobs were queued for 1 worker, but they were never done");
    });
}

#[test]
fn a_long_job_keeps_no_other_waiting() {
    Check::new().wakeups(0).runs(1_000).run(|| {
        // While one worker has the long job, the other does the rest: 1 + 3 seconds, whichever job is taken first.
        let start = Instant::now();
        let pool = Pool::new(2);
        for seconds in [1, 1, 3, 1, 1] {
            pool.execute(move || std::thread::sleep(Duration::from_secs(seconds)));
        }
        drop(pool);
        let took = start.elapsed().as_secs();
        assert!(
            took == 4,
            "2 workers can do jobs of 1, 1, 3, 1 and 1 seconds in 4 seconds, but it took {took}: which job waited behind \
             the long one?"
        );
    });
}

#[test]
fn queueing_is_not_waiting() {
    Check::new().wakeups(0).runs(3_000).run(|| {
        let (go_on, may_go_on) = mpsc::channel();
        let (tell, told) = mpsc::channel();
        let pool = Pool::new(1);
        // This job ends when the caller has gone on, and gives up after an hour.
        pool.execute(move || {
            let _ = tell.send(may_go_on.recv_timeout(HOUR).is_ok());
        });
        let _ = go_on.send(());
        let went_on = told.recv_timeout(2 * HOUR);
        drop(pool);
        assert!(
            went_on != Ok(false),
            "execute returned only when its job was done: does a worker do it, or the caller?"
        );
        assert!(went_on == Ok(true), "a job was queued, but never done");
    });
}

#[test]
fn the_pool_survives_a_job_that_panics() {
    Check::new().wakeups(0).runs(3_000).run(|| survives_a_panic(1));
}

#[test]
fn two_workers_survive_a_job_that_panics() {
    Check::new().wakeups(0).runs(3_000).run(|| survives_a_panic(2));
}

fn survives_a_panic(workers: usize) {
    let (tell, told) = mpsc::channel();
    let pool = Pool::new(workers);
    pool.execute(|| panic!("a job has panicked, and took its worker or the pool with it"));
    pool.execute(move || {
        let _ = tell.send(());
    });
    let done = told.recv_timeout(HOUR).is_ok();
    drop(pool);
    assert!(done, "a job panicked, and the one behind it in the queue was never done: did the worker end?");
}

#[test]
fn without_jobs_it_ends_too() {
    Check::new().must_join().runs(3_000).run(|| drop(Pool::new(2)));
}
