//! Where a RwLock wins over a Mutex, and where it loses: both in one run, as a ratio.
//!
//! `cargo bench -p rwlock`. Each figure is the median of nine rounds; in a round both locks do the same work, one after the other.

use std::hint::black_box;
use std::sync::{Mutex, RwLock};
use std::thread;
use std::time::{Duration, Instant};

const READERS: usize = 4;

fn main() {
    // `cargo test --benches` only wants to know that it runs.
    let rounds = if std::env::args().any(|arg| arg == "--bench") { 9 } else { 1 };
    println!("{READERS} readers, each reads again and again; time with a Mutex / time with a RwLock\n");
    println!("  what a reader does under the lock         Mutex      RwLock   ratio");
    row("waits 1 ms (as for a disk), 50 times", rounds, 50, || thread::sleep(Duration::from_millis(1)));
    row("adds up 20,000 numbers, 3000 times", rounds, 3000, || {
        black_box((0..20_000_u64).map(black_box).sum::<u64>());
    });
    row("looks at one number, 100,000 times", rounds, 100_000, || {
        black_box(1_u64);
    });
    println!(
        "\nAbove 1 the RwLock wins: long reads overlap. A short read is mostly locking, and there it may lose."
    );
}

fn row(what: &str, rounds: usize, reads: usize, read: impl Fn() + Sync) {
    let (mutex, rwlock) = (Mutex::new(0_u64), RwLock::new(0_u64));
    let with_mutex = || {
        let held = mutex.lock().unwrap();
        read();
        drop(black_box(held));
    };
    let with_rwlock = || {
        let held = rwlock.read().unwrap();
        read();
        drop(black_box(held));
    };
    let mut times: Vec<(Duration, Duration)> =
        (0..rounds).map(|_| (by_readers(reads, &with_mutex), by_readers(reads, &with_rwlock))).collect();
    let ratio = |(mutex, rwlock): &(Duration, Duration)| mutex.as_secs_f64() / rwlock.as_secs_f64();
    times.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
    let median = &times[rounds / 2];
    let milliseconds = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    println!(
        "  {what:<38}{:>10}{:>12}{:>8.2}",
        milliseconds(median.0),
        milliseconds(median.1),
        ratio(median)
    );
}

fn by_readers(reads: usize, read: &(impl Fn() + Sync)) -> Duration {
    let begun = Instant::now();
    thread::scope(|s| {
        for _ in 0..READERS {
            s.spawn(|| (0..reads).for_each(|_| read()));
        }
    });
    begun.elapsed()
}
