// Wrong: each worker has a channel of its own, so a job waits behind a long one although another worker is free.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

pub struct Pool {
    workers: Vec<(Sender<Job>, JoinHandle<()>)>,
    turn: AtomicUsize,
}

impl Pool {
    pub fn new(workers: usize) -> Self {
        let start = |_| {
            let (jobs, queue) = channel::<Job>();
            let worker = thread::spawn(move || {
                for job in queue {
                    let _ = catch_unwind(AssertUnwindSafe(job));
                }
            });
            (jobs, worker)
        };
        Pool { workers: (0..workers).map(start).collect(), turn: AtomicUsize::new(0) }
    }

    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let turn = self.turn.fetch_add(1, Relaxed) % self.workers.len();
        self.workers[turn].0.send(Box::new(job)).unwrap();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let (queues, workers): (Vec<_>, Vec<_>) = self.workers.drain(..).unzip();
        drop(queues);
        for worker in workers {
            worker.join().unwrap();
        }
    }
}
