//! A worker waits for the signal to begin: a flag in a Mutex, and a Condvar to sleep on.

use std::sync::{Condvar, Mutex};
use std::thread;

fn main() {
    let (ready, changed) = (Mutex::new(false), Condvar::new());
    let said = Mutex::new(Vec::new());
    thread::scope(|threads| {
        threads.spawn(|| {
            drop(changed.wait_while(ready.lock().unwrap(), |ready| !*ready).unwrap());
            said.lock().unwrap().push("worker: begins");
        });
        said.lock().unwrap().push("main: ready");
        *ready.lock().unwrap() = true;
        changed.notify_all();
    });
    println!("{}", said.lock().unwrap().join("\n"));
}
