//! A pool whose jobs may submit further jobs. The newest job is taken first.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

/// What a worker may be asked to do.
pub enum Job {
    /// Needs a count, and leaves the counting to the pool.
    Report(Sender<u32>, Receiver<u32>),
    /// Counts, and sends the result.
    Count(Sender<u32>),
}

/// A pool without a limit on the number of jobs.
pub struct Pool {
    jobs: Mutex<Vec<Job>>,
}

impl Pool {
    /// Creates a pool with two reports to write.
    pub fn new() -> Pool {
        let report = |_| {
            let (result, count) = channel();
            Job::Report(result, count)
        };
        Pool { jobs: Mutex::new((1..=2).map(report).collect()) }
    }

    /// Runs jobs until none is left.
    pub fn work(&self) {
        while let Some(job) = self.next() {
            self.run(job);
        }
    }

    fn next(&self) -> Option<Job> {
        self.jobs.lock().unwrap().pop()
    }

    /// Wrong: a job waits for another job, which needs a free worker.
    fn run(&self, job: Job) {
        match job {
            Job::Report(result, count) => {
                self.jobs.lock().unwrap().push(Job::Count(result));
                count.recv().unwrap();
            }
            Job::Count(result) => result.send(7).unwrap(),
        }
    }
}
