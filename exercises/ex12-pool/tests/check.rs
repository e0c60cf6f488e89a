// This is the finished check for exercise 12: change src/lib.rs, not this file.
//
// A pool has four promises to keep. Before the pool is gone, every queued job is done and every worker has ended. As many
// jobs run at once as there are workers: in `while let Ok(job) = queue.lock().unwrap().recv()` the guard lives until the
// end of the body, so the other workers wait for the lock while the job runs. Never more jobs than that run at once, and
// no other threads run them. And a job that panics ends neither its worker nor the pool.
// A thread that has nothing to do must sleep until it is woken. Checking in a loop keeps a processor busy, and a thread that
// checks now and then, or when a timeout expires, notices too late.
//
// This check runs your code under every interleaving of the workers' steps, or under several thousand if there are
// more than that. It shows the shortest interleaving that fails, as a table of your own lines.
// Run it with `cargo test -p ex12-pool`; read docs/12-executor.md.

#[macro_use]
extern crate interleave as std; // in this file and the modules it includes, std's threads are explored
#[allow(unused_extern_crates)]
extern crate interleave as core;
interleave::exercise!(); // no `unsafe`, no `extern`, at most 1 GiB of memory

#[cfg_attr(not(feature = "solution"), path = "../src/lib.rs")]
#[cfg_attr(feature = "solution", path = "../../../solutions/ex12-pool/src/lib.rs")]
mod pool;
#[allow(unused_imports)]
use pool::*; // so that `crate::` means the same here as in src/lib.rs

use interleave::Check;
use pool::Pool;
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

/// The clock is virtual: it moves only when every thread waits. So a thread waits this long only if no other thread can continue.
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

/// What it means if a thread waits forever in these tests.
const STUCK: &str =
    "either a worker wasn't woken (for a job or for the end of the pool), or execute waits for room";

/// A check that requires a waiting thread to sleep until it is woken.
fn check() -> Check {
    Check::new().must_sleep()
}

#[test]
fn all_jobs_are_done_and_all_workers_have_ended() {
    let check = || self::check().must_join().stuck_means(STUCK).runs(3_000);
    check().run(|| {
        let done = Arc::new(AtomicUsize::new(0));
        let pool = Pool::new(1);
        queue_counting_jobs(&pool, 2, &done);
        drop(pool);
        let done = done.load(SeqCst);
        assert!(done >= 2, "2 jobs were queued, but only {done} had been done when the pool was gone");
        assert!(done == 2, "2 jobs were queued, but {done} were done");
    });
    check().run(|| {
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
    // A pool without any job ends too.
    check().run(|| drop(Pool::new(2)));
}

#[test]
fn jobs_can_queue_jobs() {
    check().must_join().stuck_means(STUCK).runs(1_000).run(|| {
        let (pool, (tell, told)) = (Arc::new(Pool::new(1)), mpsc::channel());
        let (same_pool, tell_more) = (Arc::downgrade(&pool), tell.clone());
        pool.execute(move || {
            let pool = same_pool.upgrade().expect("main keeps the pool until both jobs are done");
            pool.execute(move || tell_more.send("second").unwrap());
            drop(pool);
            tell.send("first").unwrap();
        });
        let done: Vec<&str> = told.iter().collect();
        assert!(
            done == ["first", "second"],
            "a job queued another one for the same worker, and the two ended in the order {done:?}: execute must only queue a job, never run one"
        );
    });
}

/// Queues jobs that take `seconds` seconds in a pool of `workers` workers, and drops the pool at once. Returns how long that
/// takes, and the most jobs that ran at once.
fn jobs_that_take(workers: usize, seconds: &[u64]) -> (Duration, usize) {
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (pool, start) = (Pool::new(workers), Instant::now());
    for &seconds in seconds {
        let (running, most) = (Arc::clone(&running), Arc::clone(&most));
        pool.execute(move || {
            most.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
            // The clock moves only when every thread waits, so every job that can start does so before the first one ends.
            std::thread::sleep(Duration::from_secs(seconds));
            running.fetch_sub(1, SeqCst);
        });
    }
    drop(pool);
    (start.elapsed(), most.load(SeqCst))
}

#[test]
fn as_many_jobs_run_at_once_as_there_are_workers() {
    let check = || self::check().stuck_means(STUCK).wakeups(0);
    check().runs(3_000).run(|| {
        let (tell, told) = mpsc::channel();
        let (greet_second, first_is_here) = mpsc::channel();
        let (greet_first, second_is_here) = mpsc::channel();
        let pool = Pool::new(2);
        // Each job greets the other one, and waits for the other's greeting. If that takes an hour, the other job wasn't started.
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
        assert!(!unheard, "2 jobs were queued for 2 workers, but at least one was never done");
        assert!(
            have_met == [Ok(true), Ok(true)],
            "there are 2 workers, but the second of 2 jobs did not start while the first was running: what does the other worker \
             wait for?"
        );
    });
    let one_worker = || {
        let most = jobs_that_take(1, &[1, 1]).1;
        assert!(
            most <= 1,
            "{most} jobs ran at once in a pool of 1 worker, which must run one job after the other: did a job get a thread of its own, or did the caller of execute or the thread that drops the pool run one?"
        );
    };
    check().runs(1_000).run(one_worker);
    let two_workers = || {
        // While one worker has the long job, the other does the rest: 1 + 3 seconds, whichever job starts first.
        let (took, most) = jobs_that_take(2, &[1, 1, 3, 1, 1]);
        assert!(
            most <= 2,
            "{most} jobs ran at once in a pool of 2 workers, each of which must run one job after the other: did a job get a thread of its own, or did the caller of execute or the thread that drops the pool run one?"
        );
        let late = took.saturating_sub(Duration::from_secs(4));
        let idle = (!late.is_zero() && late < Duration::from_secs(1)).then_some(late);
        assert!(
            idle.is_none(),
            "a job waited, although a worker was free: 2 workers needed {:?} longer than necessary for 5 jobs. Does a worker \
             sleep and check now and then instead of being woken?",
            idle.unwrap_or_default()
        );
        assert!(
            took == Duration::from_secs(4),
            "2 workers can do jobs of 1, 1, 3, 1 and 1 seconds in 4 seconds, but they took {took:?}: did a job wait although a \
             worker was free, or did a later job start before an earlier one?"
        );
    };
    check().runs(1_000).run(two_workers);
    check().runs(1_000).run(|| {
        let (pool, (tell, told)) = (Pool::new(2), mpsc::channel());
        // By then, both workers wait for jobs. Not a round number, so that no timeout ends at this moment.
        std::thread::sleep(Duration::from_nanos(333_337));
        let queued = Instant::now();
        for _ in 0..2 {
            let tell = tell.clone();
            pool.execute(move || {
                let _ = tell.send(queued.elapsed());
                std::thread::sleep(Duration::from_secs(1));
            });
        }
        let late = [told.recv_timeout(HOUR), told.recv_timeout(HOUR)].map(Result::unwrap_or_default);
        drop(pool);
        let late = late[0].max(late[1]);
        assert!(
            late.is_zero(),
            "2 jobs were queued for 2 idle workers, but one of them started {late:?} later: was only one of the workers woken?"
        );
    });
}

#[test]
fn many_workers_work_at_once() {
    for workers in [3, 6, 20] {
        check().must_join().stuck_means(STUCK).wakeups(0).runs(40).run(move || {
            let (took, most) = jobs_that_take(workers, &[1; 40][..2 * workers]);
            assert!(
                most == workers,
                "{} jobs were queued for {workers} workers, but only {most} ran at once",
                2 * workers
            );
            assert!(
                took == Duration::from_secs(2),
                "{workers} workers can do {} jobs of 1 second in 2 seconds, but they took {took:?}",
                2 * workers
            );
        });
    }
}

#[test]
fn jobs_start_in_the_order_in_which_they_were_queued() {
    check().must_join().stuck_means(STUCK).wakeups(0).runs(500).run(|| {
        let (tell, told) = mpsc::channel();
        let pool = Pool::new(1);
        for number in 1..=6 {
            let tell = tell.clone();
            pool.execute(move || tell.send(number).unwrap());
        }
        drop((pool, tell));
        let order: Vec<u32> = told.iter().collect();
        assert!(
            order == [1, 2, 3, 4, 5, 6],
            "6 jobs were queued for 1 worker, one after the other, but they started in the order {order:?}"
        );
    });
}

/// Queues jobs that tell their numbers and wait. Returns the numbers once every thread waits, in ascending order.
fn jobs_that_start(workers: usize, jobs: usize, pause: Duration) -> Vec<usize> {
    let (started, (open, gate)) =
        (Arc::new(Mutex::new(vec![])), (Arc::new(Mutex::new(false)), Arc::new(Condvar::new())));
    let pool = Pool::new(workers);
    std::thread::sleep(pause);
    for number in 1..=jobs {
        let (started, open, gate) = (Arc::clone(&started), Arc::clone(&open), Arc::clone(&gate));
        pool.execute(move || {
            started.lock().unwrap().push(number);
            let open = open.lock().unwrap();
            drop(gate.wait_while(open, |open| !*open).unwrap());
        });
    }
    // The clock moves only when every thread waits.
    std::thread::sleep(Duration::from_nanos(333_337));
    let mut first = started.lock().unwrap().clone();
    first.sort_unstable();
    *open.lock().unwrap() = true;
    gate.notify_all();
    drop(pool);
    first
}

#[test]
fn the_jobs_that_were_queued_first_start_first() {
    for (workers, jobs, runs) in [(2, 4, 400), (3, 5, 400), (1, 300, 2), (100, 101, 1)] {
        for pause in [Duration::ZERO, Duration::from_nanos(777)] {
            check().must_join().stuck_means(STUCK).wakeups(0).runs(runs).run(move || {
                let first = jobs_that_start(workers, jobs, pause);
                let n = first.len();
                assert!(n >= workers, "{jobs} long jobs were queued for {workers} workers, but only {n} jobs started");
                assert!(n <= workers, "{jobs} long jobs were queued for {workers} workers, but {n} ran at once");
                assert!(
                    first.iter().copied().eq(1..=workers),
                    "{jobs} long jobs were queued for {workers} workers, so the first {workers} of them must start, but these started: {first:?}"
                );
            });
        }
    }
}

#[test]
fn a_long_job_holds_up_no_other() {
    let stuck = "one job waits until all the others are done: another worker must do them meanwhile";
    for (workers, jobs) in [(2, 4), (2, 9), (3, 7)] {
        for long in 0..jobs {
            check().must_join().stuck_means(stuck).wakeups(0).runs(12).run(move || {
                let (done, others) = mpsc::channel();
                let mut others = Some(others);
                let pool = Pool::new(workers);
                for number in 0..jobs {
                    if number == long {
                        let others = others.take().expect("one job is long");
                        pool.execute(move || (1..jobs).for_each(|_| others.recv().unwrap()));
                    } else {
                        let done = done.clone();
                        pool.execute(move || done.send(()).unwrap());
                    }
                }
            });
        }
    }
}

#[test]
fn a_job_that_a_job_queues_finds_another_worker() {
    let stuck = "a job queues another one and waits for it: the second worker must do it meanwhile";
    check().must_join().stuck_means(stuck).wakeups(0).runs(300).run(|| {
        let (pool, (tell, told)) = (Arc::new(Pool::new(2)), mpsc::channel());
        let same_pool = Arc::downgrade(&pool);
        pool.execute(move || {
            let pool = same_pool.upgrade().expect("main keeps the pool until the job is done");
            let (start, started) = mpsc::channel();
            pool.execute(move || start.send(()).unwrap());
            drop(pool);
            started.recv().unwrap();
            tell.send(()).unwrap();
        });
        told.recv().unwrap();
    });
}

#[test]
fn two_pools_know_nothing_of_each_other() {
    check().must_join().stuck_means(STUCK).wakeups(0).runs(1_000).run(|| {
        let (done, others) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (day, night) = (Pool::new(1), Pool::new(1));
        queue_counting_jobs(&day, 1, &done);
        drop(day);
        let done = done.load(SeqCst);
        assert!(
            done == 1,
            "1 job was queued in a pool that is gone, but {done} were done: do two pools share one queue?"
        );
        queue_counting_jobs(&night, 2, &others);
        drop(night);
        let others = others.load(SeqCst);
        assert!(
            others == 2,
            "2 jobs were queued in the second pool after the first was gone, but {others} were done"
        );
    });
}

#[test]
fn the_workers_do_the_jobs_themselves() {
    let threads_of = |workers: usize, jobs: usize| {
        move || {
            let (tell, told) = mpsc::channel();
            let pool = Pool::new(workers);
            for _ in 0..jobs {
                let tell = tell.clone();
                pool.execute(move || {
                    let _ = tell.send(std::thread::current().id());
                });
            }
            drop((tell, pool));
            // If a job is not done at all, another test reports it.
            let threads: HashSet<ThreadId> = std::iter::from_fn(|| told.recv_timeout(HOUR).ok()).collect();
            let n = threads.len();
            assert!(
                n <= workers,
                "{jobs} jobs ran on {n} threads in a pool of {workers}: a worker must run one job after the other itself, and must not start a \
                 thread for it"
            );
        }
    };
    check().stuck_means(STUCK).wakeups(0).runs(1_000).run(threads_of(1, 2));
    check().stuck_means(STUCK).wakeups(0).runs(1_000).run(threads_of(2, 3));
}

#[test]
fn queueing_is_not_waiting() {
    check().stuck_means(STUCK).wakeups(0).runs(3_000).run(|| {
        let (go_on, may_go_on) = mpsc::channel();
        let (tell, told) = mpsc::channel();
        let pool = Pool::new(1);
        // This job ends when the caller has continued, and gives up after an hour.
        pool.execute(move || {
            let _ = tell.send(may_go_on.recv_timeout(HOUR).is_ok());
        });
        let _ = go_on.send(());
        let went_on = told.recv_timeout(2 * HOUR);
        drop(pool);
        assert!(
            went_on != Ok(false),
            "execute returned only when its job was done: did the caller run the job, or wait for it?"
        );
        assert!(went_on == Ok(true), "a job was queued, but never done");
    });
    // The only worker has a job that never ends. If all other jobs can still be queued, the run ends with this panic.
    let all_are_queued = "3000 jobs wait in the queue";
    let many = check().wakeups(0).runs(20).try_run(move || {
        let (gate, opened) = mpsc::channel::<()>();
        let pool = Pool::new(1);
        pool.execute(move || {
            let _ = opened.recv();
        });
        (0..3_000).for_each(|_| pool.execute(|| ()));
        std::mem::forget((pool, gate));
        panic!("{all_are_queued}");
    });
    match many {
        Err(failed) if failed.headline().starts_with(all_are_queued) => {}
        Err(failed) if ["for ever", "forever"].iter().any(|stuck| failed.headline().contains(stuck)) => {
            panic!(
                "execute waits when many jobs are queued and all workers are busy: the queue must be unbounded\n\n{failed}"
            )
        }
        Err(failed) => panic!("{failed}"),
        Ok(_) => unreachable!("the scenario panics in the end"),
    }
}

#[test]
fn the_pool_survives_a_job_that_panics() {
    let check = || self::check().must_join().stuck_means(STUCK).wakeups(0).runs(2_000);
    check().run(|| survives_a_panic(1));
    check().run(|| survives_a_panic(2));
    // Each worker gets a job that panics, and afterward there must be as many workers as before.
    check().run(|| {
        let pool = Pool::new(2);
        for _ in 0..2 {
            pool.execute(|| panic!("a job panicked, and the panic ended its worker or the pool"));
        }
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        for _ in 0..2 {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            pool.execute(move || {
                most.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
                std::thread::sleep(Duration::from_secs(1));
            });
        }
        drop(pool);
        let most = most.load(SeqCst);
        assert!(most == 2, "2 jobs panicked in a pool of 2, and of the next 2 jobs, only {most} ran at once");
    });
}

fn survives_a_panic(workers: usize) {
    let (tell, told) = mpsc::channel();
    let pool = Pool::new(workers);
    pool.execute(|| panic!("a job panicked, and the panic ended its worker or the pool"));
    pool.execute(move || {
        let _ = tell.send(());
    });
    let done = told.recv_timeout(HOUR).is_ok();
    drop(pool);
    assert!(done, "a job panicked, and the next job in the queue was never done: did the worker end?");
}

#[test]
fn who_waits_sleeps() {
    // Not a round number, so that no other thread's sleep ends at this moment.
    const LONG: Duration = Duration::from_nanos(333_337);
    check().stuck_means(STUCK).wakeups(0).runs(1_000).run(|| {
        let (pool, start) = (Pool::new(1), Instant::now());
        pool.execute(|| std::thread::sleep(LONG));
        drop(pool);
        // If the job was not done at all, another test reports it.
        let late = start.elapsed().saturating_sub(LONG);
        assert!(
            late.is_zero(),
            "the pool was gone {late:?} after its last job was done: a thread sleeps and checks now and then instead of being woken"
        );
    });
    // A worker waits for a job, and the thread that drops the pool waits for the workers.
    check().must_join().takes_no_time().runs(1_000).run(|| {
        let pool = Pool::new(1);
        pool.execute(|| drop(std::thread::spawn(|| ()).join()));
        drop(pool);
    });
}

#[test]
fn a_pool_that_a_panic_drops_does_its_jobs() {
    check().must_join().stuck_means(STUCK).runs(1_000).run(|| {
        let done = Arc::new(AtomicUsize::new(0));
        let theirs = Arc::clone(&done);
        let owner = std::thread::spawn(move || {
            let pool = Pool::new(1);
            queue_counting_jobs(&pool, 2, &theirs);
            std::panic::resume_unwind(Box::new("the owner leaves"));
        });
        let _ = owner.join();
        let done = done.load(SeqCst);
        assert!(done == 2, "2 jobs were queued, and then a panic dropped the pool, but {done} were done");
    });
}

/// The task as a specification, from which the scenarios are generated.
#[test]
fn spec_explains_every_run() {
    use interleave::spec::Spec;
    use std::sync::{Condvar, Mutex};

    /// What a job does.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    enum Job {
        Quick,
        Panics,
        /// This job ends when the gate is opened.
        Long,
    }
    /// What the jobs of a pool share.
    #[derive(Default)]
    struct Site {
        is_open: Mutex<bool>,
        opened: Condvar,
        /// How many jobs were queued, have started, and have ended.
        queued: AtomicUsize,
        started: AtomicUsize,
        ended: AtomicUsize,
    }
    /// A pool that opens the gate when it is dropped, so that its jobs can end.
    struct Jobs {
        pool: Option<Pool>,
        site: Arc<Site>,
    }
    impl Jobs {
        fn queue(&self, job: Job) {
            let site = Arc::clone(&self.site);
            self.site.queued.fetch_add(1, SeqCst);
            let run = move || {
                site.started.fetch_add(1, SeqCst);
                if job == Job::Long {
                    drop(site.opened.wait_while(site.is_open.lock().unwrap(), |is_open| !*is_open));
                }
                site.ended.fetch_add(1, SeqCst);
                assert!(job != Job::Panics, "a job panicked, and the panic ended its worker or the pool");
            };
            self.pool.as_ref().expect("it is dropped last").execute(run);
        }

        fn open(&self) {
            *self.site.is_open.lock().unwrap() = true;
            self.site.opened.notify_all();
        }

        /// How many jobs have started, and how many have ended.
        fn look(&self) -> (usize, usize) {
            (self.site.started.load(SeqCst), self.site.ended.load(SeqCst))
        }
    }
    impl Drop for Jobs {
        fn drop(&mut self) {
            self.open();
            drop(self.pool.take());
            let (queued, ended) = (self.site.queued.load(SeqCst), self.site.ended.load(SeqCst));
            assert!(
                ended == queued,
                "{queued} jobs were queued, but {ended} had been done when the pool was gone"
            );
        }
    }

    /// A pool whose gate is closed: once every worker has a long job, all other jobs wait
    /// in the queue.
    #[derive(Clone, PartialEq)]
    struct Workers {
        free: usize,
        started: usize,
        ended: usize,
    }
    let queue = |workers: &mut Workers, &(job, times): &(Job, usize), _| {
        let started = times.min(if job == Job::Long { workers.free } else { usize::from(workers.free > 0) });
        workers.started += started;
        match job {
            Job::Long => workers.free -= started,
            Job::Quick | Job::Panics => workers.ended += started,
        }
    };
    let say = |(job, times): &(Job, usize)| match job {
        Job::Quick => "queues a quick job".into(),
        Job::Panics => "queues a job that panics".into(),
        Job::Long => format!("queues {times} long jobs"),
    };
    let jobs = |&workers: &usize| Jobs { pool: Some(Pool::new(workers)), site: Arc::default() };
    let workers = |&workers: &usize| Workers { free: workers, started: 0, ended: 0 };
    Spec::new([1, 2, 5], |workers| format!("a pool of {workers}"), jobs, workers)
        .call(
            [(Job::Quick, 1), (Job::Long, 1), (Job::Panics, 1), (Job::Long, 5)],
            say,
            |jobs, &(job, times)| (0..times).for_each(|_| jobs.queue(job)),
            queue,
        )
        .must_not_wait()
        .at_the_end(
            [()],
            |()| "counts the jobs that have started and those that have ended".into(),
            |jobs, ()| jobs.look(),
            |workers, (), _| (workers.started, workers.ended),
        )
        .only_at_rest()
        .must_join()
        .runs(1_000)
        .check();
}
