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
        let before = (resident(), kernel_stacks());
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
        let each = |before: Option<usize>, now: Option<usize>| Some(now?.saturating_sub(before?) / THREADS);
        match (each(before.0, resident()), each(before.1, kernel_stacks())) {
            (Some(own), Some(kernel)) => {
                println!("memory for each: {own} kB of this process, {kernel} kB of kernel stack");
            }
            _ => println!("memory for each: only Linux reports it"),
        }
        all_may_go.wait();
        Ok(())
    })
}

/// The kilobytes of memory that this process has in use.
fn resident() -> Option<usize> {
    kilobytes("/proc/self/status", "VmRSS:")
}

/// The kilobytes that the kernel keeps as stacks for all threads of this machine: each has one,
/// to run system calls on. So they depend on other programs, too, by a thread here and there.
fn kernel_stacks() -> Option<usize> {
    kilobytes("/proc/meminfo", "KernelStack:")
}

fn kilobytes(file: &str, name: &str) -> Option<usize> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
