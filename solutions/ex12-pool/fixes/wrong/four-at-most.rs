// Wrong: never more than four workers, however many are asked for.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

/// Runs jobs on a fixed number of threads.
pub struct Pool {
    jobs: Option<Sender<Job>>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    /// A pool of so many workers, at least one.
    pub fn new(workers: usize) -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        let start = |number| {
            let queue = Arc::clone(&queue);
            Builder::new().name(format!("worker {number}")).spawn(move || work(&queue)).unwrap()
        };
        Pool { jobs: Some(jobs), workers: (1..=workers.min(4)).map(start).collect() }
    }

    /// Queues `job`; returns without waiting until it is done.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let jobs = self.jobs.as_ref().expect("only drop takes the sender");
        jobs.send(Box::new(job)).expect("the workers receive until the sender is dropped");
    }
}

impl Drop for Pool {
    /// Returns when all jobs are done and all workers have ended.
    fn drop(&mut self) {
        drop(self.jobs.take());
        for worker in self.workers.drain(..) {
            worker.join().expect("a worker catches the panics of its jobs");
        }
    }
}

/// Does one job after the other until the queue is empty and nobody can add to it.
fn work(queue: &Mutex<Receiver<Job>>) {
    loop {
        let next = queue.lock().unwrap().recv(); // the guard lives until this semicolon
        let Ok(job) = next else { return };
        // The job is consumed, so nobody can see what its panic has left half done.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}
