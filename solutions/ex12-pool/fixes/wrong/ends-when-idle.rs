// Wrong: a worker that finds the queue empty for a moment ends, and later jobs have nobody.
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

pub struct Pool {
    jobs: Arc<Mutex<VecDeque<Job>>>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    pub fn new(workers: usize) -> Self {
        let jobs = Arc::new(Mutex::new(VecDeque::<Job>::new()));
        let start = |_| {
            let jobs = Arc::clone(&jobs);
            let next = move || jobs.lock().unwrap().pop_front();
            thread::spawn(move || {
                while let Some(job) = next() {
                    let _ = catch_unwind(AssertUnwindSafe(job));
                }
            })
        };
        let workers = (0..workers).map(start).collect();
        Pool { jobs, workers }
    }

    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        self.jobs.lock().unwrap().push_back(Box::new(job));
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.workers.drain(..).for_each(|worker| worker.join().unwrap());
    }
}
