// Wrong: "As many jobs run at once as there are workers" / "jobs start in the order in which they were queued"; a worker takes its fair share of a long queue at once: 2 workers, 4 jobs queued, worker 1 takes J1 and J2, worker 2 takes J3 (before J2 starts) and then J4, and idles while J2 waits behind J1.
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{Builder, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

struct Shared {
    workers: usize,
    /// The jobs, and whether the pool is closed.
    state: Mutex<(VecDeque<Job>, bool)>,
    ready: Condvar,
}

impl Shared {
    fn next_batch(&self) -> Vec<Job> {
        let state = self.state.lock().unwrap();
        let mut state =
            self.ready.wait_while(state, |(queue, closed)| queue.is_empty() && !*closed).unwrap();
        let queue = &mut state.0;
        // Take the lock less often if there is much to do.
        let share = (queue.len() / self.workers).clamp(1, 8).min(queue.len());
        queue.drain(..share).collect()
    }
}

/// Runs jobs on a fixed number of threads.
pub struct Pool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    /// Starts a pool of `workers` threads (at least one).
    pub fn new(workers: usize) -> Self {
        let shared = Arc::new(Shared { workers, state: Mutex::default(), ready: Condvar::new() });
        let mut handles = Vec::new();
        for number in 1..=workers {
            let shared = Arc::clone(&shared);
            let work = move || {
                loop {
                    let batch = shared.next_batch();
                    if batch.is_empty() {
                        return;
                    }
                    for job in batch {
                        let _ = catch_unwind(AssertUnwindSafe(job));
                    }
                }
            };
            handles.push(Builder::new().name(format!("worker {number}")).spawn(work).unwrap());
        }
        Pool { shared, workers: handles }
    }

    /// Queues `job` and returns at once.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        self.shared.state.lock().unwrap().0.push_back(Box::new(job));
        self.shared.ready.notify_one();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.state.lock().unwrap().1 = true;
        self.shared.ready.notify_all();
        for worker in self.workers.drain(..) {
            let _ = worker.join();
        }
    }
}
