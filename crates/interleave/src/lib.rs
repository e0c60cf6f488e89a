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
//! mod account {
//!     include!("../src/lib.rs"); // says `use std::sync::Mutex`, and knows nothing of this
//! }
//!
//! #[test]
//! fn the_last_700_are_paid_once() {
//!     interleave::check(|| { /* start threads, join them, assert */ });
//! }
//! ```
//!
//! [`check`] is all that most tests need; [`Check`] has settings; [`outcomes`] counts how
//! often each outcome occurs. A report names a schedule string; `INTERLEAVE_REPLAY=… cargo test …` or
//! [`Check::replay`] does that one run again.
//!
//! # What is explored
//! Everything of `std::sync` and `std::thread`: locks with poisoning, condition variables with spurious wakeups, barriers, channels,
//! `Once`, `OnceLock` and `LazyLock`, atomics with their orderings, threads, scopes, `park`, `thread_local!`. Time is
//! virtual: `sleep` takes none, `Instant` moves when every thread waits, and a time-out may fire early, whenever others could go on.
//! A check has one core: `available_parallelism` says so on every machine.
//! Outside of a check the same types work as ordinary ones do, only slower.
//!
//! # What is not
//! - Files, sockets, processes, standard input and the system's clock: their entry points are marked as deprecated, so that a check
//!   file with `#![deny(deprecated)]` refuses them where they are used. What really blocks, or computes
//!   for ever without a step, ends the process after ten seconds, with a report; `INTERLEAVE_PATIENCE` sets another number of seconds.
//! - The reference counts of `Arc` are std's own and right, but a change of them is no step.
//! - Of the memory model: stores to one atomic happen in the order in which they are executed, no load returns what is
//!   stored later, and a `SeqCst` fence orders a little more than it has to.
//! - At most one thing happens in a run that std allows and does for no reason (a spurious wakeup, an early time-out, a new reader kept out while
//!   a writer waits), unless [`Check::wakeups`] allows more; a loop that reads the same again
//!   is let go on at most four times while others wait to run; after 1000 steps a run goes on by lot; with 62 threads it is
//!   full.
//! - A scenario must do the same in every run: no random numbers, no order of a `HashMap`. If it does not, the check says so.
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

pub use ::std::*;

/// The real `std`, for a file in which `std` is this crate.
pub use ::std as real;

mod check;
mod engine;
mod fibre;
mod graph;
mod local;
mod no_wait;
mod outcomes;
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
pub use no_wait::must_not_wait;
#[doc(hidden)]
pub use outcomes::__outcomes;
pub use outcomes::{Ending, Outcome, Outcomes, outcomes};

#[cfg(doc)]
#[doc = include_str!("../PEERS.md")]
pub mod beside_loom_and_shuttle {}

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

/// `std::panic`, which keeps count of the panics of explored threads.
pub mod panic {
    pub use ::std::panic::*;

    /// As std's.
    ///
    /// # Errors
    /// When `f` panics: what it panicked with.
    pub fn catch_unwind<F: FnOnce() -> R + UnwindSafe, R>(f: F) -> crate::thread::Result<R> {
        crate::engine::catch(f)
    }

    /// As std's.
    pub fn resume_unwind(payload: Box<dyn ::std::any::Any + Send>) -> ! {
        if crate::engine::exploring() {
            crate::engine::unwinds_again(&*payload);
        }
        ::std::panic::resume_unwind(payload)
    }
}

/// `std::process`, where the end of the process is the end of a run.
pub mod process {
    use crate::engine::{self, Failure, exploring};
    use ::std::panic::Location;
    pub use ::std::process::*;

    #[deprecated = "interleave does not explore other processes"]
    #[doc = "As [`std::process::Command`]."]
    pub type Command = ::std::process::Command;

    /// As std's; in a check, it is reported.
    #[track_caller]
    pub fn exit(code: i32) -> ! {
        ends(format!("std::process::exit({code})"));
        ::std::process::exit(code)
    }

    /// As std's; in a check, it is reported.
    #[track_caller]
    pub fn abort() -> ! {
        ends("std::process::abort()".into());
        ::std::process::abort()
    }

    #[track_caller]
    fn ends(call: String) {
        if exploring() {
            let (who, loc) = (engine::world(|w| w.current), Location::caller());
            engine::abandon(Failure::Exit { who, call, loc });
        }
    }
}

/// `std::fs`, whose entry points say that they are not explored.
pub mod fs {
    pub use ::std::fs::*;
    use ::std::path::Path;

    #[deprecated = "interleave does not explore files: use what the check hands in"]
    #[doc = "As [`std::fs::File`]."]
    pub type File = ::std::fs::File;

    #[deprecated = "interleave does not explore files: use what the check hands in"]
    #[doc = "As [`std::fs::OpenOptions`]."]
    pub type OpenOptions = ::std::fs::OpenOptions;

    macro_rules! functions {
        ($($name:ident($($argument:ident: $kind:ty),*) -> $result:ty;)*) => {$(
            /// As std's.
            #[deprecated = "interleave does not explore files: use what the check hands in"]
            #[allow(missing_docs, clippy::missing_errors_doc)]
            pub fn $name($($argument: $kind),*) -> ::std::io::Result<$result> {
                ::std::fs::$name($($argument),*)
            }
        )*};
    }

    functions! {
        read(path: impl AsRef<Path>) -> Vec<u8>;
        read_to_string(path: impl AsRef<Path>) -> String;
        write(path: impl AsRef<Path>, contents: impl AsRef<[u8]>) -> ();
        copy(from: impl AsRef<Path>, to: impl AsRef<Path>) -> u64;
        rename(from: impl AsRef<Path>, to: impl AsRef<Path>) -> ();
        remove_file(path: impl AsRef<Path>) -> ();
        remove_dir(path: impl AsRef<Path>) -> ();
        remove_dir_all(path: impl AsRef<Path>) -> ();
        create_dir(path: impl AsRef<Path>) -> ();
        create_dir_all(path: impl AsRef<Path>) -> ();
        read_dir(path: impl AsRef<Path>) -> ReadDir;
    }
}

/// `std::net`, whose entry points say that they are not explored.
pub mod net {
    pub use ::std::net::*;

    #[deprecated = "interleave does not explore sockets: use what the check hands in"]
    #[doc = "As [`std::net::TcpListener`]."]
    pub type TcpListener = ::std::net::TcpListener;

    #[deprecated = "interleave does not explore sockets: use what the check hands in"]
    #[doc = "As [`std::net::TcpStream`]."]
    pub type TcpStream = ::std::net::TcpStream;

    #[deprecated = "interleave does not explore sockets: use what the check hands in"]
    #[doc = "As [`std::net::UdpSocket`]."]
    pub type UdpSocket = ::std::net::UdpSocket;
}

/// `std::io`, whose standard input says that it is not explored.
pub mod io {
    pub use ::std::io::*;

    /// As std's.
    #[deprecated = "interleave does not explore standard input: use what the check hands in"]
    #[must_use]
    pub fn stdin() -> Stdin {
        ::std::io::stdin()
    }
}

/// Prints; in a check, into the thread's column of the report.
#[doc(hidden)]
#[track_caller]
pub fn __print(text: fmt::Arguments<'_>, to_stderr: bool) {
    if engine::exploring() {
        // A `Display` may take a lock: it does so in every run.
        let text = text.to_string();
        if engine::recording() {
            engine::print(&text, ::std::panic::Location::caller());
        }
    } else if to_stderr {
        ::std::eprint!("{text}");
    } else {
        ::std::print!("{text}");
    }
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
