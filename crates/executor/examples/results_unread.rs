//! A map whose results nobody reads: every call is made, and a panic in one of them is not seen.

use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use executor::Executor;

fn main() {
    panic::set_hook(Box::new(|_| {})); // Otherwise the panic would at least print a message.
    let calls = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&calls);
    let pool = Executor::new(3);
    let results = pool.map(1..=1000, move |item| {
        counter.fetch_add(1, Ordering::Relaxed);
        assert!(item != 500, "this item is bad");
    });
    drop(results);
    drop(pool);
    println!("calls: {}", calls.load(Ordering::Relaxed));
}
