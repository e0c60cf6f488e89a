// Wrong: a worker starts a thread for each of its jobs, so that as many threads are started as there are jobs, and more.
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
        let next = move || queue.lock().unwrap().recv().ok();
        let start = |_| {
            let next = next.clone();
            thread::spawn(move || {
                while let Some(job) = next() {
                    let _ = thread::spawn(job).join();
                }
            })
        };
        Pool { jobs: Some(jobs), workers: (0..workers).map(start).collect() }
    }

    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        self.jobs.as_ref().unwrap().send(Box::new(job)).unwrap();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.jobs = None;
        self.workers.drain(..).for_each(|worker| worker.join().unwrap());
    }
}
