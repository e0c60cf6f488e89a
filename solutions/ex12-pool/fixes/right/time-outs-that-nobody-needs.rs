// Right: the time-outs are never needed, since every job and the end are announced.
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

type Job = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Queue {
    jobs: Mutex<(VecDeque<Job>, bool)>,
    changed: Condvar,
}

pub struct Pool {
    queue: Arc<Queue>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    pub fn new(workers: usize) -> Self {
        let queue = Arc::new(Queue::default());
        let work = |queue: Arc<Queue>| {
            move || loop {
                let jobs = queue.jobs.lock().unwrap();
                let mut jobs = jobs;
                while jobs.0.is_empty() && !jobs.1 {
                    jobs = queue.changed.wait_timeout(jobs, Duration::from_millis(10)).unwrap().0;
                }
                let Some(job) = jobs.0.pop_front() else { return };
                drop(jobs);
                let _ = catch_unwind(AssertUnwindSafe(job));
            }
        };
        let workers = (0..workers).map(|_| thread::spawn(work(Arc::clone(&queue)))).collect();
        Pool { queue, workers }
    }

    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        self.queue.jobs.lock().unwrap().0.push_back(Box::new(job));
        self.queue.changed.notify_one();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.queue.jobs.lock().unwrap().1 = true;
        self.queue.changed.notify_all();
        for worker in self.workers.drain(..) {
            worker.join().unwrap();
        }
    }
}
