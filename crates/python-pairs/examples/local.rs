//! A value for each thread, which begins as the declaration says.

use std::cell::Cell;
use std::thread;

thread_local! {
    static MINE: Cell<&'static str> = const { Cell::new("nothing") };
}

fn main() {
    MINE.set("main's");
    let thread = thread::spawn(|| {
        println!("in the thread: {}", MINE.get());
        MINE.set("the thread's");
    });
    thread.join().unwrap();
    println!("in main: {}", MINE.get());
}
