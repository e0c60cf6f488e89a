//! A pool whose jobs may submit further jobs. The newest job is taken first.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender};

/// A pool with two workers, 1 and 2.
pub struct Pool {
    pub(crate) jobs: Mutex<Vec<String>>,
    pub(crate) answers: [Sender<u32>; 2],
}

impl Pool {
    /// Runs jobs until none is left.
    pub fn work(&self, me: usize, answer: &mut Receiver<u32>) {
        loop {
            let job = self.jobs.lock().unwrap().pop();
            match job.as_deref() {
                Some("report") => self.report(me, answer),
                Some(count) => self.count(count),
                None => break,
            }
        }
    }

    /// Wrong: a job waits for another job, which needs a free worker.
    fn report(&self, me: usize, answer: &Receiver<u32>) {
        self.jobs.lock().unwrap().push(format!("count for {me}"));
        answer.recv().unwrap();
    }

    fn count(&self, job: &str) {
        let worker = if job == "count for 1" { 0 } else { 1 };
        self.answers[worker].send(7).unwrap();
    }
}
