// Wrong: "jobs start in the order in which they were queued"; a job for an idle worker goes into a hand-off slot that is served before the queue: 2 idle workers, J1 into the slot, J2 into the queue, worker 1 takes J1, J3 into the slot (worker 2 still counts as idle), worker 2 takes J3 before J2.
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{Builder, JoinHandle};

type Job = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct State {
    hand_off: Option<Job>,
    queue: VecDeque<Job>,
    idle: usize,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    ready: Condvar,
}

fn work(shared: &Shared) {
    let mut state = shared.state.lock().unwrap();
    loop {
        if let Some(job) = state.hand_off.take().or_else(|| state.queue.pop_front()) {
            drop(state);
            let _ = catch_unwind(AssertUnwindSafe(job));
            state = shared.state.lock().unwrap();
        } else if state.closed {
            return;
        } else {
            state.idle += 1;
            state = shared.ready.wait(state).unwrap();
            state.idle -= 1;
        }
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
        let shared = Arc::new(Shared::default());
        let mut handles = Vec::new();
        for number in 1..=workers {
            let shared = Arc::clone(&shared);
            let builder = Builder::new().name(format!("worker {number}"));
            handles.push(builder.spawn(move || work(&shared)).unwrap());
        }
        Pool { shared, workers: handles }
    }

    /// Queues `job` and returns at once.
    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let job: Job = Box::new(job);
        let mut state = self.shared.state.lock().unwrap();
        if state.idle > 0 && state.hand_off.is_none() {
            state.hand_off = Some(job);
        } else {
            state.queue.push_back(job);
        }
        self.shared.ready.notify_one();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.state.lock().unwrap().closed = true;
        self.shared.ready.notify_all();
        for worker in self.workers.drain(..) {
            let _ = worker.join();
        }
    }
}
