//! A pool that tells its workers to stop, and doesn't wake those that sleep.

use super::Bug;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

#[derive(Default)]
struct Pool {
    stopped: Mutex<bool>,
    changed: Condvar,
}

impl Pool {
    /// A worker that finds no work sleeps until the pool is stopped.
    fn work(&self) {
        let mut stopped = self.stopped.lock().unwrap();
        while !*stopped {
            stopped = self.changed.wait(stopped).unwrap();
        }
    }
}

mod wrong {
    use super::Pool;

    pub fn stop(pool: &Pool) {
        *pool.stopped.lock().unwrap() = true;
    }
}

mod right {
    use super::Pool;

    pub fn stop(pool: &Pool) {
        *pool.stopped.lock().unwrap() = true;
        pool.changed.notify_all();
    }
}

fn scenario(stop: fn(&Pool)) {
    let pool = Arc::new(Pool::default());
    let worker = thread::spawn({
        let pool = pool.clone();
        move || pool.work()
    });
    stop(&pool);
    worker.join().unwrap();
}

pub const BUG: Bug = Bug {
    id: "rayon-201",
    title: "told to stop while asleep",
    year: 2017,
    link: "https://github.com/rayon-rs/rayon/pull/201",
    was: "When a rayon thread pool was dropped, it set a flag that tells its workers to end. \
          Workers that were awake saw it. Workers that were asleep slept on, and leaked. It was \
          noticed because a test hung in continuous integration until the ten-minute limit \
          (rayon-rs/rayon#200). Another run of the same test passed.",
    question: "The flag is under the lock, on both sides. Can the worker still sleep forever?",
    answer: "Yes, if it is asleep before the flag changes. Changing a value wakes no thread. \
             Only a notification does.",
    lesson: "Every change that a sleeping thread waits for needs a notification, and \"stop\" is \
             the change that is forgotten most often.",
    source: include_str!("rayon_201.rs"),
    wrong: || scenario(wrong::stop),
    right: || scenario(right::stop),
};
