//! An executor that starts a worker while the program exits, too late for the join.

use super::Bug;
use std::mem;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

#[derive(Default)]
struct Executor {
    exiting: AtomicBool,
    workers: Mutex<Vec<JoinHandle<()>>>,
    finished: Arc<AtomicUsize>,
}

impl Executor {
    /// Starts a worker that does one job.
    fn start_worker(&self) -> JoinHandle<()> {
        let finished = self.finished.clone();
        thread::spawn(move || {
            finished.fetch_add(1, SeqCst);
        })
    }

    /// Joins every worker, as Python does when the main thread ends.
    fn exit(&self) {
        self.exiting.store(true, SeqCst);
        let workers = mem::take(&mut *self.workers.lock().unwrap());
        for worker in workers {
            worker.join().unwrap();
        }
    }
}

mod wrong {
    use super::{Executor, SeqCst};

    /// Returns whether the job was accepted.
    pub fn submit(executor: &Executor) -> bool {
        if executor.exiting.load(SeqCst) {
            return false;
        }
        let worker = executor.start_worker();
        executor.workers.lock().unwrap().push(worker);
        true
    }
}

mod right {
    use super::{Executor, SeqCst};

    /// Returns whether the job was accepted.
    pub fn submit(executor: &Executor) -> bool {
        let mut workers = executor.workers.lock().unwrap();
        if executor.exiting.load(SeqCst) {
            return false;
        }
        workers.push(executor.start_worker());
        true
    }
}

fn scenario(submit: fn(&Executor) -> bool) {
    let executor = Arc::new(Executor::default());
    let submitter = thread::spawn({
        let executor = executor.clone();
        move || submit(&executor)
    });
    executor.exit();
    let accepted = usize::from(submitter.join().unwrap());
    let finished = executor.finished.load(SeqCst);
    assert_eq!(finished, accepted, "jobs finished, and jobs accepted");
}

pub const BUG: Bug = Bug {
    id: "cpython-75964",
    title: "a worker that exit doesn't join",
    year: 2019,
    link: "https://github.com/python/cpython/issues/75964",
    was: "This is Python's own `ThreadPoolExecutor`. At exit, Python joined a copy of its list \
          of workers. A `submit` that had just passed its check could start another worker after \
          that copy was made, and its job was cut off. The report is of 2017. To show it, a \
          developer patched a sleep into the library in 2019, and fixed it then.",
    question: "`submit` accepts a job only if the program isn't exiting. Can an accepted job be \
               lost?",
    answer: "Yes. `submit` checks the flag, and then pauses. `exit` sets the flag, takes the \
             list, and joins what is in it. Now `submit` starts its worker, and no one joins \
             that one.",
    lesson: "Closing is a race with entering. Check whether it is open and enter under the same \
             lock under which it is closed.",
    source: include_str!("cpython_75964.rs"),
    wrong: || scenario(wrong::submit),
    right: || scenario(right::submit),
};
