// Wrong: a worker whose job panics ends and starts a replacement, whose handle is thrown away, so drop does not join it.
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

pub struct Pool {
    jobs: Option<Sender<Job>>,
    workers: Vec<JoinHandle<()>>,
}

/// Starts another worker when it is dropped by a panic.
struct Successor(Arc<Mutex<Receiver<Job>>>);

impl Drop for Successor {
    fn drop(&mut self) {
        if thread::panicking() {
            start(&self.0);
        }
    }
}

fn start(queue: &Arc<Mutex<Receiver<Job>>>) -> JoinHandle<()> {
    let successor = Successor(Arc::clone(queue));
    thread::spawn(move || {
        loop {
            let next = successor.0.lock().unwrap().recv();
            let Ok(job) = next else { return };
            job();
        }
    })
}

impl Pool {
    pub fn new(workers: usize) -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        Pool { jobs: Some(jobs), workers: (0..workers).map(|_| start(&queue)).collect() }
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
