//! The first task to finish is reported first: the slow one was submitted first, and ends last.

use std::sync::mpsc::channel;

use executor::{Executor, TaskError, as_completed};

fn main() -> Result<(), TaskError> {
    let pool = Executor::new(2);
    let (quick_is_told, told) = channel();
    let slow = move || {
        told.recv().unwrap();
        "slow"
    };
    let tasks = vec![pool.submit(slow), pool.submit(|| "quick")];
    for (_place, result) in as_completed(tasks, None) {
        println!("{}", result?);
        let _ = quick_is_told.send(()); // Fails after the slow one, whose receiver is gone.
    }
    Ok(())
}
