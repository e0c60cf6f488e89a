// A small number for each thread, for log lines and the like.
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The number for the next thread that asks.
static NEXT: AtomicUsize = AtomicUsize::new(1);

// TODO: all threads share this one value.
static MY_ID: OnceLock<usize> = OnceLock::new();

/// Returns the calling thread's number: always the same for one thread, never the same for
/// two.
pub fn my_id() -> usize {
    *MY_ID.get_or_init(|| NEXT.fetch_add(1, Ordering::Relaxed))
}
