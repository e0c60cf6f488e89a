//! Results in the order of the items, whichever task is done first.

use std::sync::{Arc, Barrier};

use executor::{Executor, TaskError};

fn main() -> Result<(), TaskError> {
    let pool = Executor::new(3);
    let all_are_here = Arc::new(Barrier::new(3));
    let square = move |number: i32| {
        all_are_here.wait();
        number * number
    };
    for result in pool.map([1, 2, 3], square) {
        println!("{}", result?);
    }
    Ok(())
}
