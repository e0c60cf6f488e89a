// Wrong: "As many jobs run at once as there are workers …, and never more"; if more than 100 jobs wait, execute starts one more worker, which stays: Pool::new(1), 1 long job and 101 jobs queued: two run at once.
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{Builder, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

const BACKLOG: usize = 100;

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    closed: bool,
    workers: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    ready: Condvar,
}

impl Shared {
    fn next(&self) -> Option<Job> {
        let state = self.state.lock().unwrap();
        let idle = |state: &mut State| state.queue.is_empty() && !state.closed;
        self.ready.wait_while(state, idle).unwrap().queue.pop_front()
    }
}

/// Runs jobs on a fixed number of threads.
pub struct Pool {
    size: usize,
    shared: Arc<Shared>,
}

impl Pool {
    /// Starts a pool of `workers` threads (at least one).
    pub fn new(workers: usize) -> Self {
        let pool = Pool { size: workers, shared: Arc::default() };
        let mut state = pool.shared.state.lock().unwrap();
        for _ in 0..workers {
            pool.start_worker(&mut state);
        }
        drop(state);
        pool
    }

    fn start_worker(&self, state: &mut State) {
        let shared = Arc::clone(&self.shared);
        let work = move || {
            while let Some(job) = shared.next() {
                let _ = catch_unwind(AssertUnwindSafe(job));
            }
        };
        let name = format!("worker {}", state.workers.len() + 1);
        state.workers.push(Builder::new().name(name).spawn(work).unwrap());
    }

    /// Queues `job` and returns at once.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let mut state = self.shared.state.lock().unwrap();
        state.queue.push_back(Box::new(job));
        if state.queue.len() > BACKLOG && state.workers.len() == self.size {
            self.start_worker(&mut state);
        }
        self.shared.ready.notify_one();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let mut state = self.shared.state.lock().unwrap();
        state.closed = true;
        let workers = std::mem::take(&mut state.workers);
        drop(state);
        self.shared.ready.notify_all();
        for worker in workers {
            let _ = worker.join();
        }
    }
}
