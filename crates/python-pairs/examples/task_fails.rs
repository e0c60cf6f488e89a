//! An error in a task appears where you ask for the result.

use executor::{Executor, TaskError};

fn main() -> Result<(), TaskError> {
    std::panic::set_hook(Box::new(|_| {})); // Otherwise the panic would print a message as well.
    let pool = Executor::new(1);
    let expected = pool.submit(|| "seven".parse::<i32>());
    let bug = pool.submit(|| Vec::<i32>::new()[0]);
    match expected.result()? {
        Ok(number) => println!("{number}"),
        Err(error) => println!("expected: {error}"),
    }
    match bug.result() {
        Ok(number) => println!("{number}"),
        Err(error) => println!("a bug: {error}"),
    }
    println!("the worker still works: {:?}", pool.submit(|| "7".parse::<i32>()).result()?);
    Ok(())
}
