//! A pool whose `join` waits for an empty queue, and misses the moment when it is empty.

use super::Bug;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

#[derive(Default)]
struct Jobs {
    unfinished: u32,
    joining: u32,
    wave: u32,
}

#[derive(Default)]
struct Pool {
    jobs: Mutex<Jobs>,
    changed: Condvar,
}

impl Pool {
    fn submit(&self) {
        self.jobs.lock().unwrap().unfinished += 1;
    }

    fn finish(&self) {
        let mut jobs = self.jobs.lock().unwrap();
        jobs.unfinished -= 1;
        jobs.wave += u32::from(jobs.unfinished == 0);
        self.changed.notify_all();
    }

    /// Waits until two threads are in `join`.
    fn wait_for_two(&self) {
        let mut jobs = self.jobs.lock().unwrap();
        while jobs.joining < 2 {
            jobs = self.changed.wait(jobs).unwrap();
        }
    }
}

mod wrong {
    use super::Pool;

    pub fn join(pool: &Pool) {
        let mut jobs = pool.jobs.lock().unwrap();
        jobs.joining += 1;
        pool.changed.notify_all();
        while jobs.unfinished > 0 {
            jobs = pool.changed.wait(jobs).unwrap();
        }
    }
}

mod right {
    use super::Pool;

    pub fn join(pool: &Pool) {
        let mut jobs = pool.jobs.lock().unwrap();
        jobs.joining += 1;
        pool.changed.notify_all();
        let wave = jobs.wave;
        while jobs.unfinished > 0 && jobs.wave == wave {
            jobs = pool.changed.wait(jobs).unwrap();
        }
    }
}

fn scenario(join: fn(&Pool)) {
    let pool = Arc::new(Pool::default());
    pool.submit();
    let start = |then: fn(&Pool)| {
        let pool = pool.clone();
        thread::spawn(move || {
            join(&pool);
            then(&pool);
        })
    };
    let first = start(Pool::submit);
    let second = start(|_| ());
    pool.wait_for_two();
    pool.finish();
    first.join().unwrap();
    second.join().unwrap();
    pool.finish();
}

pub const BUG: Bug = Bug {
    id: "threadpool-89",
    title: "still waiting, for the next wave of jobs",
    year: 2017,
    link: "https://github.com/rust-threadpool/rust-threadpool/pull/89",
    was: "In the crate threadpool, `join` waits until all jobs are finished. A listener asked at \
          a talk what happens if several threads join and then submit more jobs at once. The \
          author tried it, and some of the threads didn't return from `join` in some of the \
          runs. Version 1.7.1 has the fix.",
    question: "Two threads join. Job 1 ends, and the first of them submits job 2. Does the \
               second one return from `join`?",
    answer: "Not if it is slow to wake. When it looks, job 2 is unfinished, and it waits again, \
             for a job that was submitted after it had joined.",
    lesson: "A condition can become true and be false again before a waiting thread looks. Wait \
             for something that stays: a count of how often it happened. A barrier calls it the \
             generation.",
    source: include_str!("threadpool_89.rs"),
    wrong: || scenario(wrong::join),
    right: || scenario(right::join),
};
