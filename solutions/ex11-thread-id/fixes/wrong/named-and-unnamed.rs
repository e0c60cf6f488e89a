// Wrong: "Two threads never get the same one: ... not if there are thousands"; named threads count
// from 1, unnamed ones from 1001: the 1001st named thread has the number of the first unnamed one.
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

static NAMED: AtomicUsize = AtomicUsize::new(1);
static UNNAMED: AtomicUsize = AtomicUsize::new(1001);

thread_local! {
    static MY_ID: usize =
        if thread::current().name().is_some() { &NAMED } else { &UNNAMED }.fetch_add(1, Relaxed);
}

pub fn my_id() -> usize {
    MY_ID.with(|id| *id)
}
