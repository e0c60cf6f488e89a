// Right: a thread-local Cell that is filled at the first call.
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static MY_ID: Cell<Option<usize>> = const { Cell::new(None) };
}

pub fn my_id() -> usize {
    MY_ID.get().unwrap_or_else(|| {
        let id = NEXT.fetch_add(1, SeqCst);
        MY_ID.set(Some(id));
        id
    })
}
