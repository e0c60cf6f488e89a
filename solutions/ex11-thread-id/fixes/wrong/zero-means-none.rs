// Wrong: 0 stands for "no number yet", but it is also the first number that is given.
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static MY_ID: Cell<usize> = const { Cell::new(0) };
}

pub fn my_id() -> usize {
    if MY_ID.get() == 0 {
        MY_ID.set(NEXT.fetch_add(1, SeqCst));
    }
    MY_ID.get()
}
