// A small number for each thread, for log lines and the like.
//
// Why this: the counter is shared, because it must never give a number twice; the number is thread-local, because it is
// nobody else's. `fetch_add` hands out a number in one step, so no two threads can get the same.
//
// What else would do: a map from `std::thread::ThreadId` to a number, under a lock. `ThreadId` alone is a good identity
// too, but not a small number.
//
// What it costs: each first use in a thread runs the initialiser, later ones read a variable. A pool's threads live on
// from job to job, and so do their thread-locals: what belongs to a job does not belong there.
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The number for the next thread that asks.
static NEXT: AtomicUsize = AtomicUsize::new(1);

thread_local! {
    /// Each thread has one of these, initialised when it is first used there.
    static MY_ID: usize = NEXT.fetch_add(1, Relaxed); // only the number counts, so Relaxed is enough
}

/// The calling thread's number: always the same for one thread, never the same for two.
pub fn my_id() -> usize {
    MY_ID.with(|id| *id)
}
