//! A counter and a flag in one atomic, and a store that writes an old flag back.

use super::Bug;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

/// The lowest bit of the state: a permit is stored.
const PERMIT: usize = 1;
/// The bits above count the calls of `notify_waiters`.
const ONE_CALL: usize = 2;

#[derive(Default)]
struct Notify {
    state: AtomicUsize,
}

impl Notify {
    /// No thread is waiting, so the next one that waits finds a permit.
    fn notify_one(&self) {
        self.state.fetch_or(PERMIT, SeqCst);
    }

    fn take_permit(&self) -> bool {
        self.state.fetch_and(!PERMIT, SeqCst) & PERMIT != 0
    }
}

mod wrong {
    use super::{Notify, ONE_CALL, SeqCst};

    /// No thread is waiting, so there is only the call to count.
    pub fn notify_waiters(notify: &Notify) {
        let state = notify.state.load(SeqCst);
        notify.state.store(state + ONE_CALL, SeqCst);
    }
}

mod right {
    use super::{Notify, ONE_CALL, SeqCst};

    /// No thread is waiting, so there is only the call to count.
    pub fn notify_waiters(notify: &Notify) {
        notify.state.fetch_add(ONE_CALL, SeqCst);
    }
}

fn scenario(notify_waiters: fn(&Notify)) {
    let notify = Arc::new(Notify::default());
    let other = thread::spawn({
        let notify = notify.clone();
        move || notify.notify_one()
    });
    notify_waiters(&notify);
    other.join().unwrap();
    assert!(notify.take_permit(), "the permit is lost");
}

pub const BUG: Bug = Bug {
    id: "tokio-3660",
    title: "a permit that is overwritten",
    year: 2021,
    link: "https://github.com/tokio-rs/tokio/pull/3660",
    was: "`Notify` is how tasks of Tokio wake each other. Its state is one number that holds a \
          permit and a count. One function read the number, added to the count, and wrote it \
          back. A permit that another thread stored in between was gone, and the task that it \
          was for waited forever. A contributor found it by reading. A test with loom, written \
          afterwards, failed as predicted.",
    question: "`notify_waiters` changes only the count. Can it take a permit away?",
    answer: "Yes. It loads a number without a permit. The other thread sets the bit. The store \
             then writes the old number, plus one call, over it.",
    lesson: "A load and a store are two steps, even on one atomic. Everything that shares an \
             atomic is written back with it.",
    source: include_str!("tokio_3660.rs"),
    wrong: || scenario(wrong::notify_waiters),
    right: || scenario(right::notify_waiters),
};
