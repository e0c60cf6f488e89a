//! A pool of one worker, whose task waits for another task of the same pool.

use std::sync::Arc;

use executor::{Executor, TaskError};

fn main() -> Result<(), TaskError> {
    let pool = Arc::new(Executor::new(1));
    let its_own = Arc::clone(&pool);
    let outer = pool.submit(move || its_own.submit(|| 1).result());
    match outer.result()? {
        Ok(value) => println!("{value}"),
        Err(error) => println!("{error}"),
    }
    Ok(())
}
