// Wrong: the panic is caught round the loop and not round the job, so the worker ends all the same.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

pub struct Pool {
    jobs: Option<Sender<Job>>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    pub fn new(workers: usize) -> Self {
        let (jobs, queue) = channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        let start = |_| {
            let queue = Arc::clone(&queue);
            let work = move || loop {
                let next = queue.lock().unwrap().recv();
                let Ok(job) = next else { return };
                job();
            };
            thread::spawn(move || drop(catch_unwind(AssertUnwindSafe(work))))
        };
        Pool { jobs: Some(jobs), workers: (0..workers).map(start).collect() }
    }

    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let _ = self.jobs.as_ref().unwrap().send(Box::new(job));
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.jobs = None;
        self.workers.drain(..).for_each(|worker| worker.join().unwrap());
    }
}
