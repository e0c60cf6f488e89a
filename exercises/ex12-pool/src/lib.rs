// A pool of worker threads. Jobs go into a queue, and the next free worker takes each.
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread::Builder;

type Job = Box<dyn FnOnce() + Send>;

/// Runs jobs on a fixed number of threads.
pub struct Pool {
    jobs: Sender<Job>,
}

impl Pool {
    /// Starts a pool of `workers` threads (at least one).
    pub fn new(workers: usize) -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        for number in 1..=workers {
            let queue = Arc::clone(&queue);
            // TODO: only one worker at a time runs a job, a panic stops them all, and the pool
            // does not wait for them at the end.
            let work = move || {
                while let Ok(job) = queue.lock().unwrap().recv() {
                    job();
                }
            };
            Builder::new().name(format!("worker {number}")).spawn(work).unwrap();
        }
        Pool { jobs }
    }

    /// Queues `job` and returns at once.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        self.jobs.send(Box::new(job)).unwrap();
    }
}
