//! Three threads arrive, meet, and then check how many have arrived.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Barrier, Mutex};
use std::thread;

fn main() {
    let (arrived, leaders) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let seen = Mutex::new(Vec::new());
    let barrier = Barrier::new(3);
    thread::scope(|threads| {
        for _ in 0..3 {
            threads.spawn(|| {
                arrived.fetch_add(1, SeqCst);
                let met = barrier.wait();
                seen.lock().unwrap().push(arrived.load(SeqCst));
                leaders.fetch_add(usize::from(met.is_leader()), SeqCst);
            });
        }
    });
    println!("seen: {:?} leaders: {}", seen.lock().unwrap(), leaders.load(SeqCst));
}
