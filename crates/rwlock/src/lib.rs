//! A readers-writer lock: many readers at once, or one writer alone.
//!
//! A cache holds an exchange rate. Many ask, hardly anybody changes it, so readers need not wait for each other. Whoever finds the cache
//! empty has to become a writer, and that is where it goes wrong: a reader who waits to write waits for all readers,
//! itself included. std has no upgrade. Let go, lock for writing, and look again.
//!
//! Rust prevents writing through a read guard. It does not prevent asking for the second lock while holding the first, and std does not
//! promise who comes first: a writer may wait as long as readers keep coming. Python's standard library has no such lock.

use std::sync::RwLock;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;
use timeline::Lane;

/// The rate, when somebody has fetched it.
pub type Cache = RwLock<Option<u32>>;

/// A way to get the rate from the cache, or to fetch it and to keep it there. `lane` notes who reads and who writes.
pub type Get = fn(cache: &Cache, fetch: &dyn Fn() -> u32, lane: &Lane) -> u32;

/// Wrong: wants to write while it still reads. It waits for every reader to leave, but it is itself a reader: `cached`
/// lives until the end of the block.
pub fn upgrade_in_place(cache: &Cache, fetch: &dyn Fn() -> u32, lane: &Lane) -> u32 {
    let cached = lane.read("cache", || cache.read().unwrap());
    if let Some(rate) = *cached {
        return rate;
    }
    let mut empty = lane.write("cache", || cache.write().unwrap());
    *empty.insert(fetch())
}

/// Wrong in another way: lets go, but does not look again. Two who found it empty both fetch, and the later one wins.
pub fn write_without_looking(cache: &Cache, fetch: &dyn Fn() -> u32, lane: &Lane) -> u32 {
    let cached = *lane.read("cache", || cache.read().unwrap()); // The guard is gone at the semicolon.
    if let Some(rate) = cached {
        return rate;
    }
    let mut empty = lane.write("cache", || cache.write().unwrap());
    *empty.insert(fetch())
}

/// Right: lets go, locks for writing, and looks again. Whoever came in between has fetched it already.
pub fn look_again(cache: &Cache, fetch: &dyn Fn() -> u32, lane: &Lane) -> u32 {
    let cached = *lane.read("cache", || cache.read().unwrap());
    if let Some(rate) = cached {
        return rate;
    }
    let mut cached = lane.write("cache", || cache.write().unwrap());
    *cached.get_or_insert_with(fetch)
}

/// A writer waits for a reader to leave, and `readers` more come. How many of them get in before the writer does.
pub fn let_in_before_the_writer(readers: u32) -> u32 {
    let (rate, let_in) = (RwLock::new(100), AtomicU32::new(0));
    thread::scope(|s| {
        let first = rate.read().unwrap();
        let writer = s.spawn(|| {
            let before = let_in.load(SeqCst);
            let mut rate = rate.write().unwrap(); // Waits for everybody who is inside.
            *rate += 1;
            let_in.load(SeqCst) - before
        });
        for _ in 0..readers {
            s.spawn(|| {
                let seen = rate.read().unwrap();
                let_in.fetch_add(1, SeqCst);
                drop(seen);
            });
        }
        drop(first);
        writer.join().unwrap()
    })
}
