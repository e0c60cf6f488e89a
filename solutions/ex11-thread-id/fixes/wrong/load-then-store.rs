// Wrong: two threads can read the same next number before either stores the one after it.
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

static NEXT: AtomicUsize = AtomicUsize::new(1);

fn next() -> usize {
    let id = NEXT.load(SeqCst);
    NEXT.store(id + 1, SeqCst);
    id
}

thread_local! {
    static MY_ID: usize = next();
}

pub fn my_id() -> usize {
    MY_ID.with(|id| *id)
}
