//! Two threads add 1, first with two short locks, then with one. A barrier forces the bad order.

use std::sync::{Barrier, Mutex};
use std::thread;

fn add(visits: &Mutex<u32>, both_have_read: &Barrier) {
    let read = *visits.lock().unwrap();
    both_have_read.wait();
    *visits.lock().unwrap() = read + 1;
}

fn add_under_a_lock(visits: &Mutex<u32>) {
    *visits.lock().unwrap() += 1;
}

fn twice(work: impl Fn(&Mutex<u32>) + Sync) -> u32 {
    let visits = Mutex::new(0);
    thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| work(&visits));
        }
    });
    visits.into_inner().unwrap()
}

fn main() {
    let both_have_read = Barrier::new(2);
    println!("two short locks: {}", twice(|visits| add(visits, &both_have_read)));
    println!("one lock: {}", twice(add_under_a_lock));
}
