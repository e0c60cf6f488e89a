// Wrong: a worker that a job's panic ends is replaced by a new one, which nobody joins.
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;
type Queue = Arc<Mutex<Receiver<Job>>>;

pub struct Pool {
    jobs: Option<Sender<Job>>,
    workers: Vec<JoinHandle<()>>,
}

/// Starts another worker if its own is ended by a panic.
struct Replacement(Queue);

impl Drop for Replacement {
    fn drop(&mut self) {
        if thread::panicking() {
            start(Arc::clone(&self.0));
        }
    }
}

fn start(queue: Queue) -> JoinHandle<()> {
    thread::spawn(move || {
        let replacement = Replacement(queue);
        loop {
            let next = replacement.0.lock().unwrap().recv();
            let Ok(job) = next else { return };
            job();
        }
    })
}

impl Pool {
    pub fn new(workers: usize) -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        Pool { jobs: Some(jobs), workers: (0..workers).map(|_| start(Arc::clone(&queue))).collect() }
    }

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
