// Wrong: a thread for each job is no pool: as many run at once as there are jobs.
use std::sync::Mutex;
use std::thread::{self, JoinHandle};

pub struct Pool {
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Pool {
    pub fn new(_workers: usize) -> Self {
        Pool { threads: Mutex::new(vec![]) }
    }

    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        self.threads.lock().unwrap().push(thread::spawn(job));
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        for thread in self.threads.lock().unwrap().drain(..) {
            let _ = thread.join();
        }
    }
}
