//! A wakeup that finds another one already there, and so publishes nothing.

use super::Bug;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::thread;

const NONE: usize = 0;
const TOKEN: usize = 1;

#[derive(Default)]
struct Shared {
    token: AtomicUsize,
    done: [AtomicUsize; 2],
}

impl Shared {
    /// Stands for `park`, when there is a token and it needn't sleep.
    fn take_token(&self) -> bool {
        self.token.swap(NONE, SeqCst) == TOKEN
    }

    /// `Relaxed`, because the token is what makes the result visible.
    fn is_done(&self, worker: usize) -> bool {
        self.done[worker].load(Relaxed) == 1
    }
}

mod wrong {
    use super::{NONE, SeqCst, Shared, TOKEN};

    pub fn unpark(shared: &Shared) {
        let token = &shared.token;
        let _ = token.compare_exchange(NONE, TOKEN, SeqCst, SeqCst);
    }
}

mod right {
    use super::{SeqCst, Shared, TOKEN};

    pub fn unpark(shared: &Shared) {
        shared.token.swap(TOKEN, SeqCst);
    }
}

fn scenario(unpark: fn(&Shared)) {
    let shared = Arc::new(Shared::default());
    let start = |worker: usize| {
        let shared = shared.clone();
        thread::spawn(move || {
            shared.done[worker].store(1, Relaxed);
            unpark(&shared);
        })
    };
    let workers = [start(0), start(1)];
    // Main wakes, looks at both results, and wants to sleep again.
    shared.take_token();
    let sees_both = shared.is_done(0) && shared.is_done(1);
    for worker in workers {
        worker.join().unwrap();
    }
    let wakes_again = shared.take_token();
    assert!(sees_both || wakes_again, "main sleeps and misses a result");
}

pub const BUG: Bug = Bug {
    id: "rust-54174",
    title: "a wakeup that publishes nothing",
    year: 2018,
    link: "https://github.com/rust-lang/rust/pull/54174",
    was: "This is `thread::park` and `unpark` of Rust's standard library. An `unpark` that found \
          the token already there did nothing more, and in particular published nothing. It was \
          noticed when Tokio was about to copy the code (rust-lang/rust#53366). On x86 \
          processors it works by luck. On others, a thread could wake and not see why.",
    question: "Each worker stores its result before it calls `unpark`. Can `main` take a token, \
               miss a result, and get no second token?",
    answer: "Yes. The second worker finds the token of the first one, so its `compare_exchange` \
             fails, and one that fails writes nothing. Without a write, nothing makes the second \
             result visible. `main` takes the only token, may still read the old value, and sleeps \
             for good.",
    lesson: "Only a write publishes. A `compare_exchange` that fails is a load, whatever \
             orderings it names. If a wakeup must carry data, write even if the value stays the \
             same.",
    source: include_str!("rust_54174.rs"),
    wrong: || scenario(wrong::unpark),
    right: || scenario(right::unpark),
};
