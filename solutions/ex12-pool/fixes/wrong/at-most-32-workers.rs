// Wrong: "starts the given number of workers" / "As many jobs run at once as there are workers"; the number is capped at 32: Pool::new(33) and 33 jobs that wait for each other never end.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

/// More threads than this don't make anything faster.
const MAX_WORKERS: usize = 32;

/// Runs jobs on a fixed number of threads.
pub struct Pool {
    jobs: Option<Sender<Job>>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    /// Starts a pool of `workers` threads (at least one).
    pub fn new(workers: usize) -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        let mut handles = Vec::new();
        for number in 1..=workers.clamp(1, MAX_WORKERS) {
            let queue = Arc::clone(&queue);
            let work = move || {
                loop {
                    let next = queue.lock().unwrap().recv();
                    let Ok(job) = next else { return };
                    let _ = catch_unwind(AssertUnwindSafe(job));
                }
            };
            handles.push(Builder::new().name(format!("worker {number}")).spawn(work).unwrap());
        }
        Pool { jobs: Some(jobs), workers: handles }
    }

    /// Queues `job` and returns at once.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        self.jobs.as_ref().unwrap().send(Box::new(job)).unwrap();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        drop(self.jobs.take());
        for worker in self.workers.drain(..) {
            let _ = worker.join();
        }
    }
}
