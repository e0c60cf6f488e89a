//! A thousand threads that wait, all at the same time: how long it takes to make them, and what they cost.

use std::fs;
use std::io;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

const THREADS: usize = 1000;

fn main() -> io::Result<()> {
    let (all_wait, all_may_go) = (Barrier::new(THREADS + 1), Barrier::new(THREADS + 1));
    thread::scope(|threads| {
        let before = resident();
        let begun = Instant::now();
        for _ in 0..THREADS {
            thread::Builder::new().spawn_scoped(threads, || {
                all_wait.wait();
                all_may_go.wait();
            })?;
        }
        all_wait.wait();
        let took = begun.elapsed();
        println!("{THREADS} threads wait at the same time; made in {} ms", took.as_millis());
        match (before, resident()) {
            (Some(before), Some(now)) => {
                println!("memory in use for each: {} kB", now.saturating_sub(before) / THREADS);
            }
            _ => println!("memory in use for each: only Linux tells it, in /proc/self/status"),
        }
        all_may_go.wait();
        Ok(())
    })
}

/// The kilobytes of memory that this process has in use; Linux tells it.
fn resident() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}
