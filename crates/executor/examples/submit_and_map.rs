//! A task and its result; a map and its results, in order.

use executor::{Executor, TaskError};

fn main() -> Result<(), TaskError> {
    let pool = Executor::new(4);
    let task = pool.submit(|| 6 * 7);
    println!("submit: {}", task.result()?);

    let squares: Result<Vec<i32>, _> = pool.map(1..=5, |n| n * n).collect();
    println!("map:    {:?}", squares?);
    Ok(())
}
