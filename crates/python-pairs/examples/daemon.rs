//! A thread that is never joined is cut off when `main` returns: not even destructors run.

use std::sync::mpsc::channel;
use std::thread;

struct CleansUp;

impl Drop for CleansUp {
    fn drop(&mut self) {
        println!("worker: cleans up");
    }
}

fn main() {
    let (begun, has_begun) = channel();
    thread::spawn(move || {
        let _at_the_end = CleansUp;
        println!("worker: begins");
        begun.send(()).unwrap();
        loop {
            thread::park(); // forever
        }
    });
    has_begun.recv().unwrap();
    println!("main: ends");
}
