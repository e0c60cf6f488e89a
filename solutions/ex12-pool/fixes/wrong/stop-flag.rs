// Wrong: the workers look at the stop flag before the queue, and leave jobs behind.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

pub struct Pool {
    jobs: Option<Sender<Job>>,
    stop: Arc<AtomicBool>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    pub fn new(workers: usize) -> Self {
        let (jobs, queue) = channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        let stop = Arc::new(AtomicBool::new(false));
        let start = |_| {
            let (queue, stop) = (Arc::clone(&queue), Arc::clone(&stop));
            thread::spawn(move || {
                while !stop.load(SeqCst) {
                    let next = queue.lock().unwrap().recv();
                    let Ok(job) = next else { return };
                    let _ = catch_unwind(AssertUnwindSafe(job));
                }
            })
        };
        let workers = (0..workers).map(start).collect();
        Pool { jobs: Some(jobs), stop, workers }
    }

    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        self.jobs.as_ref().unwrap().send(Box::new(job)).unwrap();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.stop.store(true, SeqCst);
        self.jobs = None;
        self.workers.drain(..).for_each(|worker| worker.join().unwrap());
    }
}
