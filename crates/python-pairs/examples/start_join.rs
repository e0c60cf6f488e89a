//! Starts two threads and waits for them. `join` returns what the thread returned.

use std::thread;

fn greet(who: &str) -> String {
    format!("hello, {who}")
}

fn main() {
    let threads = ["Ada", "Grace"].map(|who| thread::spawn(move || greet(who)));
    for thread in threads {
        println!("{}", thread.join().unwrap());
    }
}
