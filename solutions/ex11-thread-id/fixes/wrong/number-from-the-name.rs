// Wrong: "Two threads never get the same number, not even if … they have the same name"; a name that ends in a number gives the id ("worker 3" is 3), other threads count from 1,000: "worker 3" of one pool and "worker 3" (or "reader 3") of another share the number 3.
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The number for the next thread whose name has none.
static NEXT: AtomicUsize = AtomicUsize::new(1000);

thread_local! {
    static MY_ID: usize = from_name().unwrap_or_else(|| NEXT.fetch_add(1, Ordering::Relaxed));
}

fn from_name() -> Option<usize> {
    let thread = thread::current();
    let (_, number) = thread.name()?.rsplit_once([' ', '-'])?;
    number.parse().ok().filter(|number| *number < 1000)
}

/// Returns the calling thread's number: always the same for one thread, never the same for
/// two.
pub fn my_id() -> usize {
    MY_ID.with(|id| *id)
}
