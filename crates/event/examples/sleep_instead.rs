//! Waiting by sleeping: long enough on your machine, and one interleaving too short.

#[macro_use]
extern crate interleave as std; // every interleaving of these threads can be tried

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use interleave::{Check, Failed, Passed};

fn main() {
    let slept = Check::new().try_run(|| {
        let answer = Mutex::new(None);
        thread::scope(|threads| {
            threads.spawn(|| *answer.lock().unwrap() = Some(42));
            thread::sleep(Duration::from_secs(5));
            assert_eq!(*answer.lock().unwrap(), Some(42), "five seconds were too short");
        });
    });
    let joined = Check::new().try_run(|| {
        let answer = Mutex::new(None);
        thread::scope(|threads| {
            let worker = threads.spawn(|| *answer.lock().unwrap() = Some(42));
            worker.join().unwrap();
            assert_eq!(*answer.lock().unwrap(), Some(42), "it was joined too early");
        });
    });
    println!("sleep(5 s), then look  {}", verdict(&slept));
    println!("join, then look        {}", verdict(&joined));
}

fn verdict(tried: &Result<Passed, Failed>) -> String {
    match tried {
        Ok(passed) => format!("right in {passed}"),
        Err(failed) => format!("WRONG: {}", failed.headline().lines().next().unwrap_or_default()),
    }
}
