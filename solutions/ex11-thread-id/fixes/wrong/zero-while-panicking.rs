// Wrong: "One thread always gets the same number" (and two threads never the same); while a thread
// unwinds (a Drop that logs), my_id returns 0: its number changes, and two panicking threads share
// it.
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

static NEXT: AtomicUsize = AtomicUsize::new(1);

thread_local! {
    static MY_ID: usize = NEXT.fetch_add(1, Ordering::Relaxed);
}

pub fn my_id() -> usize {
    // Don't touch thread-local values in a thread that is going down.
    if thread::panicking() {
        return 0;
    }
    MY_ID.with(|id| *id)
}
