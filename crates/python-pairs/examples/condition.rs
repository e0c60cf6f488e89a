//! Waits until there are three items. The loop is inside `wait_while`.

use std::sync::{Condvar, Mutex};
use std::thread;

fn main() {
    let items = Mutex::new(Vec::new());
    let changed = Condvar::new();
    thread::scope(|threads| {
        threads.spawn(|| {
            for item in [1, 2, 3] {
                items.lock().unwrap().push(item);
                changed.notify_one();
            }
        });
        let items = changed.wait_while(items.lock().unwrap(), |items| items.len() < 3).unwrap();
        println!("got {items:?}");
    });
}
