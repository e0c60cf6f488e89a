// Wrong: "As many jobs run at once as there are workers" / "jobs start in the order in which they were queued"; a job that a job of the same pool queues goes to that worker's own list: 2 workers, J1 queues J2 and waits until J2 has started: worker 2 is idle, but never sees J2 (and J2 overtakes all jobs queued before it).
use std::cell::RefCell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

static NEXT_KEY: AtomicUsize = AtomicUsize::new(1);

thread_local! {
    /// The pool that this thread works for (or 0), and jobs that its jobs have queued.
    static LOCAL: RefCell<(usize, VecDeque<Job>)> = const { RefCell::new((0, VecDeque::new())) };
}

/// Runs jobs on a fixed number of threads.
pub struct Pool {
    key: usize,
    jobs: Option<Sender<Job>>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    /// Starts a pool of `workers` threads (at least one).
    pub fn new(workers: usize) -> Self {
        let key = NEXT_KEY.fetch_add(1, Ordering::Relaxed);
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        let mut handles = Vec::new();
        for number in 1..=workers {
            let queue = Arc::clone(&queue);
            let work = move || {
                LOCAL.with_borrow_mut(|local| local.0 = key);
                loop {
                    let local = LOCAL.with_borrow_mut(|local| local.1.pop_front());
                    let job = match local {
                        Some(job) => job,
                        None => {
                            let next = queue.lock().unwrap().recv();
                            let Ok(job) = next else { return };
                            job
                        }
                    };
                    let _ = catch_unwind(AssertUnwindSafe(job));
                }
            };
            handles.push(Builder::new().name(format!("worker {number}")).spawn(work).unwrap());
        }
        Pool { key, jobs: Some(jobs), workers: handles }
    }

    /// Queues `job` and returns at once.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let job: Job = Box::new(job);
        let job = LOCAL.with_borrow_mut(|(key, local)| {
            if *key == self.key {
                // No lock needed, and the caches are warm.
                local.push_back(job);
                None
            } else {
                Some(job)
            }
        });
        if let Some(job) = job {
            self.jobs.as_ref().unwrap().send(job).unwrap();
        }
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
