// Wrong: "Two threads never get the same number"; ones and tens are counted in two steps: the thread that draws the eleventh one stops before it raises the tens, the next thread draws 1, reads the old tens and gets the number 11 that the second thread already has.
use std::sync::atomic::{AtomicUsize, Ordering};

static ONES: AtomicUsize = AtomicUsize::new(0);
static TENS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static MY_ID: usize = draw();
}

fn draw() -> usize {
    let ones = ONES.fetch_add(1, Ordering::SeqCst) % 10;
    if ones == 0 {
        TENS.fetch_add(1, Ordering::SeqCst);
    }
    TENS.load(Ordering::SeqCst) * 10 + ones
}

/// Returns the calling thread's number: always the same for one thread, never the same for
/// two.
pub fn my_id() -> usize {
    MY_ID.with(|id| *id)
}
