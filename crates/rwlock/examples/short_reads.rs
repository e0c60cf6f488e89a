//! Four readers and no writer: how much longer a Mutex takes than a RwLock, for short reads and for long ones.

use std::hint::black_box;
use std::sync::{Mutex, RwLock};
use std::thread;
use std::time::{Duration, Instant};

fn main() {
    println!("four readers and no writer; time with a Mutex, divided by the time with a RwLock");
    println!("  a reader looks at one number: {:.1}", ratio(20_000, || ()));
    println!("  a reader waits 1 ms:          {:.1}", ratio(10, || thread::sleep(Duration::from_millis(1))));
}

/// The median of five rounds; in each, both locks do the same work, one after the other.
fn ratio(reads: usize, read: impl Fn() + Sync) -> f64 {
    let (mutex, rwlock) = (Mutex::new(0_u64), RwLock::new(0_u64));
    let mut ratios = [(); 5].map(|()| {
        let with_mutex = time(reads, || {
            let number = mutex.lock().unwrap();
            read();
            black_box(*number);
        });
        let with_rwlock = time(reads, || {
            let number = rwlock.read().unwrap();
            read();
            black_box(*number);
        });
        with_mutex.as_secs_f64() / with_rwlock.as_secs_f64()
    });
    ratios.sort_by(f64::total_cmp);
    ratios[2]
}

fn time(reads: usize, read: impl Fn() + Sync) -> Duration {
    let begun = Instant::now();
    thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| (0..reads).for_each(|_| read()));
        }
    });
    begun.elapsed()
}
