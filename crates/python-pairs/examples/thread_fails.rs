//! A thread fails, and `join` reports it.

use std::thread;

fn work() {
    panic!("no such account");
}

fn main() {
    std::panic::set_hook(Box::new(|panic| println!("hook: {}", panic.payload_as_str().unwrap_or("?"))));
    let thread = thread::spawn(work);
    println!("join returned an error: {}", thread.join().is_err());
}
