// Wrong: numbers that go round in a small circle are given again.
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static MY_ID: usize = NEXT.fetch_add(1, SeqCst) % 2;
}

pub fn my_id() -> usize {
    MY_ID.with(|id| *id)
}
