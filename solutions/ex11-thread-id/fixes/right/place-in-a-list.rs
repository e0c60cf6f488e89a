// Right: a thread's number is its place in a list of all threads that have ever asked.
use std::sync::Mutex;
use std::thread::{ThreadId, current};

static THREADS: Mutex<Vec<ThreadId>> = Mutex::new(Vec::new());

pub fn my_id() -> usize {
    let me = current().id();
    let mut threads = THREADS.lock().unwrap();
    threads.iter().position(|thread| *thread == me).unwrap_or_else(|| {
        threads.push(me);
        threads.len() - 1
    })
}
