// `take` leaves the cell empty, and the second call does not put the number back: the third one draws another.
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
static NEXT: AtomicUsize = AtomicUsize::new(1);
thread_local! { static MY: Cell<Option<usize>> = const { Cell::new(None) }; }
pub fn my_id() -> usize {
    match MY.take() {
        Some(n) => n,
        None => {
            let n = NEXT.fetch_add(1, SeqCst);
            MY.set(Some(n));
            n
        }
    }
}
