// Wrong: the caller does the job itself, so nothing runs side by side and execute waits.
use std::panic::{AssertUnwindSafe, catch_unwind};

pub struct Pool;

impl Pool {
    pub fn new(_workers: usize) -> Self {
        Pool
    }

    pub fn execute(&self, job: impl FnOnce() + Send + 'static) {
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}
