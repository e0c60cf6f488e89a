// Wrong: whoever drops the pool does jobs too, so one more runs at once than there are workers.
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

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
                let mut jobs =
                    queue.changed.wait_while(jobs, |(jobs, closed)| jobs.is_empty() && !*closed).unwrap();
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
        while let Some(job) = { self.queue.jobs.lock().unwrap().0.pop_front() } {
            let _ = catch_unwind(AssertUnwindSafe(job));
        }
        for worker in self.workers.drain(..) {
            worker.join().unwrap();
        }
    }
}
