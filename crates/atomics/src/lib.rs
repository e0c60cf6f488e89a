//! An atomic operation: one step, for everybody who looks.
//!
//! Counting: `fetch_add` reads, adds and writes in one step; a `load` and a `store` are two, and an addition in between is lost.
//! Claiming: `compare_exchange` acts only if the value is still the one it was told. Publishing: a flag says that something else is ready, and
//! here the *ordering* decides whether whoever sees the flag also sees the rest.
//!
//! Rust prevents unsynchronized access to anything that is not atomic. It does not choose the ordering, and it compiles the wrong one.
//! Python has no such operations; `x += 1` on a shared value needs a lock there.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

/// Wrong: reads, then writes. A visit that another thread adds `meanwhile` is overwritten.
///
/// The strongest ordering there is doesn't help: these are two steps.
pub fn load_then_store(visits: &AtomicU32, meanwhile: impl FnOnce()) {
    let seen = visits.load(SeqCst);
    meanwhile();
    visits.store(seen + 1, SeqCst);
}

/// Right: one step. Relaxed, because the count is all there is: nothing else becomes visible with it.
pub fn fetch_add(visits: &AtomicU32) {
    visits.fetch_add(1, Relaxed);
}

/// Right: takes the next of `tickets` that nobody has, or none. Each is taken once.
///
/// Relaxed, because a ticket is only a number; what it stands for is not published by it.
pub fn claim(next: &AtomicU32, tickets: u32) -> Option<u32> {
    let mut mine = next.load(Relaxed);
    while mine < tickets {
        match next.compare_exchange(mine, mine + 1, Relaxed, Relaxed) {
            Ok(_) => return Some(mine),
            Err(now) => mine = now, // Somebody was faster: try the one that is next now.
        }
    }
    None
}

/// The orderings of a flag: with which one it is set, and with which one it is read.
pub type Orderings = (Ordering, Ordering);

/// Right: what was written before the flag was set is seen by whoever sees the flag.
pub const RELEASE_ACQUIRE: Orderings = (Release, Acquire);

/// Wrong: the flag may arrive before what it stands for.
pub const RELAXED: Orderings = (Relaxed, Relaxed);

/// One thread writes 42 and sets a flag, the other one looks once: what it read, if the flag was set.
pub fn publish((set, look): Orderings) -> Option<u32> {
    let (answer, ready) = (AtomicU32::new(0), AtomicBool::new(false));
    thread::scope(|s| {
        s.spawn(|| {
            answer.store(42, Relaxed); // Stands for any memory; the flag alone says whether it may be read.
            ready.store(true, set);
        });
        ready.load(look).then(|| answer.load(Relaxed))
    })
}

/// Two threads each raise a flag and then look at the other's: whether each saw the other. With `SeqCst` at least one
/// does. With `RELEASE_ACQUIRE` both may look before the other's flag has arrived.
pub fn raise_and_look((raise, look): Orderings) -> [bool; 2] {
    let flags = [AtomicBool::new(false), AtomicBool::new(false)];
    thread::scope(|s| {
        let other = s.spawn(|| {
            flags[1].store(true, raise);
            flags[0].load(look)
        });
        flags[0].store(true, raise);
        [flags[1].load(look), other.join().unwrap()]
    })
}
