//! A drop-in `std` for checks: threads whose every interleaving is tried.
//!
//! A test that runs threads and hopes for bad luck passes most of the time, whether the code is right or wrong. A check
//! does not hope: it runs one thread at a time, stops it at every lock, atomic, channel and the like, and
//! tries every answer to the question who goes on. If one of them fails, the check fails, every time, and shows the
//! shortest one as a table of the lines that ran.
//!
//! # In a test file
//! The code under check stays plain `std` code. Only the test says otherwise:
//!
//! ```ignore
//! #[macro_use]
//! extern crate interleave as std; // in this file, and what it takes in, std's threads are explored
//!
//! #[path = "../src/lib.rs"]
//! mod account; // says `use std::sync::Mutex`, and knows nothing of this
//!
//! #[test]
//! fn the_last_700_are_paid_once() {
//!     interleave::check(|| { /* start threads, join them, assert */ });
//! }
//! ```
//!
//! [`check`] is all that most tests need; [`Check`] has settings; [`outcomes`] counts how
//! often each outcome occurs, and [`replay`] shows one interleaving. `INTERLEAVE_REPLAY=last cargo test …` does the run
//! again with which a test failed last, as does [`Check::replay`] with a schedule string; `INTERLEAVE_FULL=1` shows all of its steps. [`spec`] makes up the scenarios itself, from what a type's calls return when there
//! is only one thread. [`must_not_wait`] is for a call that may not block.
//!
//! # What is explored
//! Everything of `std::sync` and `std::thread`: locks with poisoning, condition variables with spurious wakeups, barriers, channels,
//! `Once`, `OnceLock` and `LazyLock`, atomics with their orderings, threads, scopes, `park`, `thread_local!`. Time is
//! virtual: `sleep` takes none, `Instant` moves when every thread waits, and a time-out may fire early, whenever others could go on.
//! What is printed is formatted in every run, goes to the report, and takes the lock that std's standard output or error has. A stack has
//! 2 MiB, or what [`thread::Builder::stack_size`] asks for.
//! A check has one core: `available_parallelism` says so on every machine.
//! Outside of a check the same types work as ordinary ones do, only slower.
//!
//! # What is not
//! - Files, sockets, processes, standard input and the system's clock: their entry points are private here, so the compiler
//!   refuses them where they are used, and shows the reason. What really blocks, or computes forever without a step, ends the
//!   process after ten seconds, with a report; `INTERLEAVE_PATIENCE` sets another number of seconds.
//! - The reference counts of `Arc` are std's own and right, but a change of them isn't a step. Where the explored code asks
//!   for one, the verdict says so.
//! - Of C++20's memory model, executions that have no order of execution. Stores and `SeqCst` operations take effect in the
//!   order in which they are executed, and no load returns what is stored later. Missing are therefore load buffering, stores
//!   that overtake each other (2+2W, S and WWC in the literature), and `SeqCst` operations that are mixed with weaker ones and
//!   seen in another order (Z6.U, or IRIW with one acquire load in each reader). What is left is exact: see [`sync::atomic`].
//! - Events that std permits but rarely causes (a spurious wakeup, an early timeout, a reader kept out while a writer waits)
//!   happen at most once in a run, and twice or three times where that can be tried soon; [`Check::wakeups`] sets a number.
//! - A loop that looks again at what no other thread has changed is followed alone for 200 looks. If it gives up by then,
//!   every number of looks is tried. If it doesn't, it is taken to wait for a change.
//! - After 1000 steps a run goes on by lot, and after 400,000 it is ended. At most 128 threads run at the same time.
//!
//! [`Passed`] names each of these limits that a check has met, and no other.
//! - A panic hook that the code sets is called, but all that it does is one step with the panic.
//! - A scenario must do the same in every run: no random numbers, no order of a `HashMap`. If it does not, the check says so.
//!
//! Programs that need real threads and sockets can't be explored; [`live`] helps to check them.
//! A check of an exercise begins with [`exercise!`], which keeps the exercise within the check's
//! sight.
//!
//! # X or Y?
//! - A **stress test** runs real threads many times. It tells nothing when it passes.
//! - **loom** explores too, with the memory model in more detail, but code has to be written for it, and spurious wakeups,
//!   time-outs and spinning are out of its reach. **shuttle** draws schedules at random, and so scales to large programs.
//! - **interleave** is for small programs, for learners: unchanged `std` code in, every interleaving, a table out.
//!
//! The same scenarios under all three, with times: `PEERS.md`, which is the module `beside_loom_and_shuttle` of these pages.

// Stacks, closures of other threads, bytes of statics: each block says why it is sound.
#![allow(unsafe_code)]
// What is not explored is imported and not exported. The compiler calls it private where
// it is used, and shows the line that imports it, whose comment says why.
#![allow(hidden_glob_reexports, unused_imports)]

pub use ::std::*;

/// The real `std`, for a file in which `std` is this crate.
pub use ::std as real;

mod check;
pub mod collections;
mod engine;
pub mod exercise;
mod fibre;
mod graph;
pub mod io;
pub mod live;
mod local;
mod machine;
mod no_wait;
mod outcomes;
pub mod panic;
mod report;
mod source;
pub mod spec;
pub mod sync;
pub mod thread;
pub mod time;
mod watchdog;

use interleave_engine::{schedule, search};

pub use check::{Check, Failed, Passed, check};
pub use graph::{Move, Next, ObjectAt, State, StateGraph, ThreadAt, state_graph};
pub use machine::FailureKind;
pub use no_wait::must_not_wait;
#[doc(hidden)]
pub use outcomes::{__outcomes, __outcomes_with_wakeups};
pub use outcomes::{Ending, Outcome, Outcomes, ReplayError, outcomes, replay};

#[cfg(doc)]
#[doc = include_str!("../README.md")]
pub mod in_one_page {}

#[cfg(doc)]
#[doc = include_str!("../PEERS.md")]
pub mod beside_loom_and_shuttle {}

/// `std::hash`, where a `RandomState` is the same in every run.
pub mod hash {
    pub use crate::collections::RandomState;
    pub use ::std::hash::*;
}

/// `std::hint`; in a check, [`spin_loop`](hint::spin_loop) lets the other threads go first.
pub mod hint {
    pub use ::std::hint::*;

    /// As std's; in a check, the other threads go first.
    #[track_caller]
    pub fn spin_loop() {
        if crate::engine::exploring() {
            crate::thread::yield_now();
        } else {
            ::std::hint::spin_loop();
        }
    }
}

/// `std::process`, where the end of the process is the end of a run.
pub mod process {
    use crate::engine::{self, Failure, Loc, exploring};
    pub use ::std::process::*;

    #[rustfmt::skip]
    use ::std::process::{
        Command, // interleave does not explore other processes
    };

    /// As std's; in a check, it is reported.
    #[track_caller]
    pub fn exit(code: i32) -> ! {
        ends(&format!("std::process::exit({code})"), Loc::caller());
        ::std::process::exit(code)
    }

    /// As std's; in a check, it is reported.
    #[track_caller]
    pub fn abort() -> ! {
        ends("std::process::abort()", Loc::caller());
        ::std::process::abort()
    }

    /// Does what std does when it can't go on.
    pub(crate) fn die(why: &str, loc: Loc) -> ! {
        ends(why, loc);
        ::std::eprintln!("fatal runtime error: {why}, aborting");
        ::std::process::abort()
    }

    fn ends(call: &str, loc: Loc) {
        if exploring() {
            let who = engine::world(|w| w.current);
            engine::abandon(Failure::Exit { who, call: call.into(), loc });
        }
    }
}

/// `std::fs`, without what would open, read or change a file.
pub mod fs {
    pub use ::std::fs::*;

    #[rustfmt::skip]
    use ::std::fs::{
        DirBuilder, File, OpenOptions, // interleave does not explore files: use what the check hands in
        canonicalize, copy, create_dir, create_dir_all, // interleave does not explore files: use what the check hands in
        exists, hard_link, metadata, read, read_dir, // interleave does not explore files: use what the check hands in
        read_link, read_to_string, remove_dir, // interleave does not explore files: use what the check hands in
        remove_dir_all, remove_file, rename, // interleave does not explore files: use what the check hands in
        set_permissions, symlink_metadata, write, // interleave does not explore files: use what the check hands in
    };
}

/// `std::net`, without sockets.
pub mod net {
    pub use ::std::net::*;

    #[rustfmt::skip]
    use ::std::net::{
        TcpListener, TcpStream, UdpSocket, // interleave does not explore sockets: use what the check hands in
    };
}

/// Prints; in a check, into the thread's column of the report.
#[doc(hidden)]
#[track_caller]
pub fn __print(text: fmt::Arguments<'_>, to_stderr: bool) {
    io::print(text, to_stderr, engine::Loc::caller());
}

/// As [`std::println!`]; in a check, the text appears in the thread's column of the report.
#[macro_export]
macro_rules! println {
    ($($t:tt)*) => { $crate::__print($crate::format_args!("{}\n", $crate::format_args!($($t)*)), false) };
}

/// As [`std::eprintln!`]; in a check, the text appears in the thread's column of the report.
#[macro_export]
macro_rules! eprintln {
    ($($t:tt)*) => { $crate::__print($crate::format_args!("{}\n", $crate::format_args!($($t)*)), true) };
}

/// As [`std::print!`]; in a check, the text appears in the thread's column of the report.
#[macro_export]
macro_rules! print {
    ($($t:tt)*) => { $crate::__print($crate::format_args!($($t)*), false) };
}

/// As [`std::eprint!`]; in a check, the text appears in the thread's column of the report.
#[macro_export]
macro_rules! eprint {
    ($($t:tt)*) => { $crate::__print($crate::format_args!($($t)*), true) };
}

/// As [`std::dbg!`], in one line and without the place, which the report has beside it.
#[macro_export]
macro_rules! dbg {
    () => { $crate::eprintln!("dbg!()") };
    ($value:expr $(,)?) => {
        // As in std: `match` keeps temporaries alive for as long as the value.
        match $value {
            value => {
                $crate::eprintln!("{} = {:?}", $crate::stringify!($value), &value);
                value
            }
        }
    };
    ($($value:expr),+ $(,)?) => { ($($crate::dbg!($value)),+,) };
}
