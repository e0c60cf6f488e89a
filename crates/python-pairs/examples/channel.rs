//! A channel with room for one item. It closes when its sender is dropped.

use std::sync::mpsc::sync_channel;
use std::thread;

fn main() {
    let (shelf, items) = sync_channel(1);
    let producer = thread::spawn(move || {
        for item in [1, 2, 3] {
            shelf.send(item).unwrap();
        }
    }); // The thread owned `shelf`: it is dropped here, and the loop below ends.
    for item in items {
        println!("got {item}");
    }
    println!("no more");
    producer.join().unwrap();
}
