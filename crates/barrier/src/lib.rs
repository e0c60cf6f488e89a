//! A barrier: nobody goes on until everybody has arrived.
//!
//! Workers go through phases. In each round all write a cell of their own, and when all have written, each reads its
//! neighbour's. Without a meeting somebody reads too early; with one a round, a fast writer of the next round comes too early for a
//! slow reader of this one. Two meetings a round, and every read is right. `std::sync::Barrier` is used again and again, and tells one
//! of the threads that it is the leader.
//!
//! Rust prevents two threads from touching a cell without a lock. It does not prevent the wrong moment, and a thread that
//! panics never arrives: the others wait for ever. Python's `threading.Barrier` can be broken by `abort()`; std's cannot.

use std::sync::{Barrier, Mutex};
use std::thread;

/// What a worker has just done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// It has written its own cell.
    Writing,
    /// It has read its neighbour's.
    Reading,
}

/// What came of all rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Relay {
    /// Reads that found another round's value.
    pub misread: usize,
    /// How often a worker was told that it leads.
    pub led: usize,
}

/// Runs `workers` through `rounds` of writing and reading. `meet` says, for a worker, how to meet the others, and
/// returns whether that worker leads.
pub fn relay(workers: usize, rounds: u32, meet: impl Fn(usize, After) -> bool + Sync) -> Relay {
    let cells: Vec<Mutex<u32>> = (0..workers).map(|_| Mutex::new(0)).collect();
    let work = |me: usize| {
        let mut relay = Relay { misread: 0, led: 0 };
        for round in 1..=rounds {
            *cells[me].lock().unwrap() = round;
            relay.led += usize::from(meet(me, After::Writing));
            let seen = *cells[(me + 1) % workers].lock().unwrap();
            relay.misread += usize::from(seen != round);
            relay.led += usize::from(meet(me, After::Reading));
        }
        relay
    };
    thread::scope(|s| {
        let workers: Vec<_> = (0..workers)
            .map(|me| {
                thread::Builder::new().name(format!("worker {}", me + 1)).spawn_scoped(s, move || work(me))
            })
            .map(Result::unwrap)
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).fold(
            Relay { misread: 0, led: 0 },
            |all, one| Relay { misread: all.misread + one.misread, led: all.led + one.led },
        )
    })
}

/// Wrong where `work` can panic: this thread never arrives then, and all the others wait for ever.
pub fn arrive_after(barrier: &Barrier, work: impl FnOnce()) {
    work();
    barrier.wait();
}

/// Right: arrives on every way out. The others go on, and have to look whether this one's work is there.
pub fn arrive_whatever_happens(barrier: &Barrier, work: impl FnOnce()) {
    let _arrives = Arrives(barrier);
    work();
}

/// Arrives when it is dropped, also by a panic.
struct Arrives<'a>(&'a Barrier);

impl Drop for Arrives<'_> {
    fn drop(&mut self) {
        self.0.wait();
    }
}
