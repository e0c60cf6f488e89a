//! `std::io`. In a check, what is written to standard output and standard error goes to the report, and standard input says that it
//! is not explored.
//!
//! Each of the two output streams has a lock, as in std: `print!` holds it while it formats its arguments, and `stdout().lock()`
//! holds it until the guard is dropped. As long as every thread releases it before its next step, the lock makes no difference
//! and is no step. The first time that a thread takes a step while it holds one, or finds it held, the search starts over,
//! and from then on locking a stream is a step like locking a mutex.

pub use ::std::io::*;

use crate::engine::{self, Event, Failure, Loc, Op, Tag, Verb, World, exploring, world};
use crate::report::words::{STEP, Words};
use crate::sync::lock::LOCK;
use ::std::fmt;
use ::std::marker::PhantomData;
use ::std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

#[rustfmt::skip]
use ::std::io::{
    stdin, // interleave does not explore standard input: use what the check hands in
};

pub(crate) static PRINT: Verb = Verb {
    does: "prints",
    words: &Words {
        effect: |step| match step.event.loc {
            Some(_) => Some(format!("prints {}", step.first_line())),
            // What the explorer itself has to say.
            None => step.event.before.clone(),
        },
        ..Words::USUAL
    },
    ..STEP
};

/// Locking a stream is a step in the search that is under way.
static LOCKING_IS_A_STEP: AtomicBool = AtomicBool::new(false);

/// Nobody.
const NOBODY: usize = usize::MAX;

/// The lock of a stream, which its holder may take again.
struct Stream {
    tag: Tag,
    holder: AtomicUsize,
    times: AtomicUsize,
    was_step: AtomicBool,
}

static STDOUT: Stream = Stream::new("standard output");
static STDERR: Stream = Stream::new("standard error");

impl Stream {
    const fn new(kind: &'static str) -> Self {
        let (holder, times) = (AtomicUsize::new(NOBODY), AtomicUsize::new(0));
        Stream { tag: Tag::new(kind), holder, times, was_step: AtomicBool::new(false) }
    }

    fn is_free(&self) -> bool {
        self.holder.load(Relaxed) == NOBODY
    }

    fn lock(&'static self, loc: Loc) -> Held {
        let me = world(|w| w.current);
        if self.holder.load(Relaxed) != me {
            if !self.is_free() {
                lock_in_steps();
            }
            let is_step = LOCKING_IS_A_STEP.load(Relaxed);
            if is_step {
                let op = Op { verb: &LOCK, object: self.tag.object(|| ()), writes: true, loc };
                engine::step(op, &|| self.is_free(), || ());
                world(|w| w.objects[op.object as usize].holders.push((me, loc)));
            }
            self.was_step.store(is_step, Relaxed);
            self.holder.store(me, Relaxed);
            engine::CARE.fetch_add(1, Relaxed);
        }
        self.times.fetch_add(1, Relaxed);
        Held(self)
    }
}

/// In an exploration, a lock that is held.
struct Held(&'static Stream);

impl Drop for Held {
    fn drop(&mut self) {
        if self.0.times.fetch_sub(1, Relaxed) > 1 {
            return;
        }
        self.0.holder.store(NOBODY, Relaxed);
        engine::CARE.fetch_sub(1, Relaxed);
        if self.0.was_step.load(Relaxed) {
            let object = self.0.tag.object(|| ());
            world(|w| w.objects[object as usize].holders.clear());
            engine::touch(object, true);
        }
    }
}

/// The search starts over, and takes each locking of a stream for a step.
fn lock_in_steps() {
    if !LOCKING_IS_A_STEP.swap(true, Relaxed) {
        world(World::start_over_with_releases);
    }
}

/// The running thread takes a step.
pub(crate) fn before_step() {
    if !(STDOUT.is_free() && STDERR.is_free()) {
        let me = world(|w| w.current);
        if [&STDOUT, &STDERR].iter().any(|stream| stream.holder.load(Relaxed) == me) {
            lock_in_steps();
        }
    }
}

/// A run is over, and whatever it held is free.
pub(crate) fn after_run() {
    for stream in [&STDOUT, &STDERR] {
        stream.holder.store(NOBODY, Relaxed);
        stream.times.store(0, Relaxed);
    }
}

/// A search begins.
pub(crate) fn before_search() {
    LOCKING_IS_A_STEP.store(false, Relaxed);
}

/// What `print!` and its like do.
pub(crate) fn print(text: fmt::Arguments<'_>, to_stderr: bool, loc: Loc) {
    if exploring() {
        let _held = if to_stderr { &STDERR } else { &STDOUT }.lock(loc);
        // Formatted in every run: it calls the learner's code.
        tell(&text.to_string(), loc);
    } else if to_stderr {
        ::std::eprint!("{text}");
    } else {
        ::std::print!("{text}");
    }
}

/// The running thread prints this, for the report.
fn tell(text: &str, loc: Loc) {
    world(|w| {
        if w.settings().recording {
            let (who, object) = (w.current, w.threads[w.current].object);
            let before = Some(text.trim_end().to_string());
            w.log.push(Event { before, ..Event::plain(who, &PRINT, object, Some(loc)) });
        }
    });
}

macro_rules! streams {
    ($($of:ident $stream:ident $locked:ident $lock:ident;)*) => {$(
        #[doc = concat!("As [`std::io::", stringify!($stream), "`]; in a check, what is written appears in the report.")]
        #[derive(Debug)]
        pub struct $stream(::std::io::$stream);

        #[doc = concat!("As [`std::io::", stringify!($locked), "`].")]
        pub struct $locked<'a> {
            _held: Option<Held>,
            real: Option<::std::io::$locked<'static>>,
            _stays_with_its_thread: PhantomData<(&'a (), *const ())>,
        }

        /// As std's.
        #[must_use]
        pub fn $of() -> $stream {
            $stream(::std::io::$of())
        }

        impl $stream {
            /// As std's; in a check, threads that print wait for it.
            #[track_caller]
            pub fn lock(&self) -> $locked<'static> {
                let (_held, real) = match exploring() {
                    true => (Some($lock.lock(Loc::caller())), None),
                    false => (None, Some(self.0.lock())),
                };
                $locked { _held, real, _stays_with_its_thread: PhantomData }
            }

            /// As [`IsTerminal`]'s, which only std's own types may implement.
            #[must_use]
            pub fn is_terminal(&self) -> bool {
                self.0.is_terminal()
            }
        }

        impl $locked<'_> {
            /// As [`IsTerminal`]'s, which only std's own types may implement.
            #[must_use]
            pub fn is_terminal(&self) -> bool {
                $of().is_terminal()
            }
        }

        impl Write for $stream {
            #[track_caller]
            fn write(&mut self, bytes: &[u8]) -> Result<usize> {
                self.lock().write(bytes)
            }
            #[track_caller]
            fn flush(&mut self) -> Result<()> {
                self.lock().flush()
            }
            #[track_caller]
            fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
                self.lock().write_all(bytes)
            }
            #[track_caller]
            fn write_fmt(&mut self, text: fmt::Arguments<'_>) -> Result<()> {
                self.lock().write_fmt(text)
            }
        }

        impl Write for &$stream {
            #[track_caller]
            fn write(&mut self, bytes: &[u8]) -> Result<usize> {
                self.lock().write(bytes)
            }
            #[track_caller]
            fn flush(&mut self) -> Result<()> {
                self.lock().flush()
            }
            #[track_caller]
            fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
                self.lock().write_all(bytes)
            }
            #[track_caller]
            fn write_fmt(&mut self, text: fmt::Arguments<'_>) -> Result<()> {
                self.lock().write_fmt(text)
            }
        }

        impl Write for $locked<'_> {
            #[track_caller]
            fn write(&mut self, bytes: &[u8]) -> Result<usize> {
                if let Some(real) = &mut self.real {
                    return real.write(bytes);
                }
                tell(&String::from_utf8_lossy(bytes), Loc::caller());
                Ok(bytes.len())
            }
            fn flush(&mut self) -> Result<()> {
                self.real.as_mut().map_or(Ok(()), Write::flush)
            }
            #[track_caller]
            fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
                match &mut self.real {
                    Some(real) => real.write_all(bytes),
                    None => self.write(bytes).map(|_| ()),
                }
            }
            #[track_caller]
            fn write_fmt(&mut self, text: fmt::Arguments<'_>) -> Result<()> {
                if let Some(real) = &mut self.real {
                    return real.write_fmt(text);
                }
                // In one piece, which is one line of the report.
                let mut whole = String::new();
                fmt::write(&mut whole, text).map_err(|_| Error::other("formatter error"))?;
                tell(&whole, Loc::caller());
                Ok(())
            }
        }

        #[cfg(unix)]
        impl ::std::os::fd::AsFd for $stream {
            fn as_fd(&self) -> ::std::os::fd::BorrowedFd<'_> {
                self.0.as_fd()
            }
        }

        #[cfg(unix)]
        impl ::std::os::fd::AsRawFd for $stream {
            fn as_raw_fd(&self) -> ::std::os::fd::RawFd {
                self.0.as_raw_fd()
            }
        }

        impl fmt::Debug for $locked<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($locked)).finish_non_exhaustive()
            }
        }
    )*};
}

streams! {
    stdout Stdout StdoutLock STDOUT;
    stderr Stderr StderrLock STDERR;
}
