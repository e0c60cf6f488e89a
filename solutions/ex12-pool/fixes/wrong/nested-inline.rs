// Wrong: "execute: queues a job and returns at once ... jobs start in the order in which they were
// queued"; called from a worker of any pool, execute runs the job on the spot: the call returns
// only when the job is done, and the job overtakes all queued ones.
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

thread_local! {
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

pub struct Pool {
    jobs: Option<Sender<Job>>,
    workers: Vec<JoinHandle<()>>,
}

/// Runs a job; a panic, even one of its payload's destructor, ends here.
fn run(job: Job) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(job)) {
        std::mem::forget(payload);
    }
}

fn work(queue: &Mutex<Receiver<Job>>) {
    IS_WORKER.set(true);
    loop {
        let next = queue.lock().unwrap().recv();
        match next {
            Ok(job) => run(job),
            Err(_) => return,
        }
    }
}

impl Pool {
    pub fn new(workers: usize) -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        let start = |_| {
            let queue = Arc::clone(&queue);
            thread::spawn(move || work(&queue))
        };
        Pool { jobs: Some(jobs), workers: (0..workers).map(start).collect() }
    }

    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        // A job that queues a job and waits for it would block its own worker.
        if IS_WORKER.get() {
            return run(Box::new(job));
        }
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
