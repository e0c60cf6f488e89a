//! What cannot be told from within: a thread that computes for ever without an operation, a stack that
//! overflows, a panic while panicking. Each ends the process, after saying why.

use crate::check::ACTIVE;
use crate::engine::{self, LAST_STEP, PROGRESS, World};
use crate::fibre::TEST;
use std::sync::Once;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// How often it is looked whether anything moves.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// For how many seconds nothing may move; `INTERLEAVE_PATIENCE` sets another number.
const PATIENCE: u32 = 10;

pub(crate) const EXIT_CODE: i32 = 101;

pub(crate) fn set_up() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        #[cfg(unix)]
        overflow::catch();
        std::thread::Builder::new()
            .name("interleave watchdog".into())
            .spawn(watch)
            .expect("room for one more thread");
    });
}

/// The test that explores, for code that runs on its thread.
pub(crate) fn test_name() -> &'static [u8] {
    let (start, length) = (TEST.0.load(Relaxed), TEST.1.load(Relaxed));
    if length == 0 {
        return b"unknown";
    }
    // SAFETY: the thread that explores keeps its name while it does, and the caller runs on it, or ends the process.
    unsafe { std::slice::from_raw_parts(start, length) }
}

/// The first panic of the run: those that come after it usually pass it on.
pub(crate) fn first_panic(w: &World) -> Option<String> {
    let first = w.log.iter().find(|event| event.verb == &crate::panic::PANIC)?;
    let message = first.before.as_deref().unwrap_or_default().replace('\n', " ");
    let at =
        first.after.as_deref().map(|at| format!("\n    at {}", crate::source::tidy(at))).unwrap_or_default();
    Some(format!("{} panics: {message}{at}", w.name(first.who)))
}

/// The steps of the current run, for a thread of the exploration.
pub(crate) fn so_far() -> String {
    engine::peek(|w| format!("The steps before it:\n\n{}", crate::report::table(w))).unwrap_or_default()
}

/// Says why, and ends the process. Whatever the test harness has captured is lost, so this writes
/// to the real standard error. `kind` is for programs: see `machine.rs`.
pub(crate) fn die(kind: &str, why: &str) -> ! {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "\ninterleave: {why}\n\ninterleave: verdict=fails kind={kind}");
    end()
}

/// Without destructors: they would find stacks in the middle of something.
#[cfg(unix)]
fn end() -> ! {
    // SAFETY: it does not return, and touches nothing.
    unsafe { libc::_exit(EXIT_CODE) }
}

#[cfg(not(unix))]
fn end() -> ! {
    std::process::exit(EXIT_CODE)
}

fn watch() {
    let patience = std::env::var("INTERLEAVE_PATIENCE").ok().and_then(|seconds| seconds.parse().ok());
    let patience: u32 = patience.unwrap_or(PATIENCE).max(1);
    let (mut seen, mut looks) = (0, 0);
    loop {
        std::thread::sleep(LOOK_EVERY);
        let now = PROGRESS.load(Relaxed);
        looks = if ACTIVE.load(Relaxed) && seen == now { looks + 1 } else { 0 };
        seen = now;
        if looks == patience * 4 {
            // SAFETY: what is stored there comes from a `&'static Location`.
            let last = unsafe { LAST_STEP.load(Relaxed).as_ref() };
            let last = match last.map(engine::Loc::from) {
                Some(loc) => {
                    format!("Its last step was {}: {}", crate::report::place(loc), crate::source::text(loc))
                }
                None => "It has not made a step yet.".into(),
            };
            die(
                "stalled",
                &format!(
                    "a thread has run for {} without a step that another thread could notice.\n\
                 {last}\n\
                 Is there a loop after it that never ends, a computation that takes long, or a call that really waits (a file, a socket, standard \
                 input, Arc::strong_count in a loop)? A check can only follow what std::sync and std::thread do.",
                    crate::report::count(patience as usize, "second"),
                ),
            );
        }
    }
}

/// A fault right below the stack of a fibre is its overflow.
#[cfg(unix)]
mod overflow {
    use crate::engine;
    use crate::fibre::{STACK_LIMIT, STACK_SIZE};
    use std::fmt::Write;
    use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

    /// The guard is at the lower end of a stack, one page large; pages have 64 KiB at the most. A large frame may step
    /// beyond it.
    const GUARD: usize = 1 << 16;

    /// The real standard error, without buffers and locks.
    struct Stderr;

    impl Write for Stderr {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            // SAFETY: these are the bytes of a text.
            unsafe { libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len()) };
            Ok(())
        }
    }

    /// Says whose stack it is, and what it did last. It runs in a signal handler, so it neither allocates nor locks.
    fn tell() {
        let _ = Stderr.write_str("\ninterleave: ");
        let told = engine::peek(|w| {
            let me = w.current;
            let _ = match (&w.threads[me].name, me) {
                (Some(name), _) => Stderr.write_str(name),
                (None, 0) => Stderr.write_str("main"),
                (None, n) => write!(Stderr, "thread {n}"),
            };
            let mine = w.log.iter().rev().filter(|event| event.who == me).find_map(|event| event.loc);
            (mine, w.threads[me].born)
        });
        if told.is_none() {
            let _ = Stderr.write_str("a thread");
        }
        let size = STACK_SIZE.load(Relaxed);
        let (size, unit) =
            if size.is_multiple_of(1 << 20) { (size >> 20, "MiB") } else { (size >> 10, "KiB") };
        let _ =
            writeln!(Stderr, " overflows its stack ({size} {unit}): is there a recursion that never ends?");
        let place = match told {
            Some((Some(last), _)) => Some(("Its last step was", last)),
            Some((None, Some(born))) => Some(("It was started at", born)),
            _ => None,
        };
        if let Some((what, place)) = place {
            // As `source::tidy` writes it: a learner's file is a module of its check.
            let (before, after) = place.file().split_once("/tests/../").unwrap_or(("", place.file()));
            let slash = if before.is_empty() { "" } else { "/" };
            let _ = writeln!(Stderr, "{what} {before}{slash}{after}:{}", place.line());
        }
        let test = std::str::from_utf8(super::test_name()).unwrap_or("unknown");
        let _ =
            writeln!(Stderr, "The test is {test}.\n\ninterleave: verdict=fails kind=overflow test={test}");
    }

    static BEFORE: AtomicPtr<libc::sigaction> = AtomicPtr::new(std::ptr::null_mut());

    pub(super) fn catch() {
        for signal in [libc::SIGSEGV, libc::SIGBUS] {
            // SAFETY: the structures are plain data; the handler does only what a signal handler may; it
            // runs on the alternate stack that std gives to each of its threads.
            unsafe {
                let mut new: libc::sigaction = std::mem::zeroed();
                let mut old: libc::sigaction = std::mem::zeroed();
                new.sa_sigaction = handle as *const () as usize;
                new.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
                libc::sigaction(signal, &raw const new, &raw mut old);
                if signal == libc::SIGSEGV {
                    BEFORE.store(Box::into_raw(Box::new(old)), Relaxed);
                }
            }
        }
    }

    extern "C" fn handle(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
        // SAFETY: the kernel fills in `info`; `tell` and `_exit` may be called in a signal handler.
        unsafe {
            let address = (*info).si_addr() as usize;
            let limit = STACK_LIMIT.load(Relaxed);
            if limit != 0 && (limit.saturating_sub(GUARD)..limit + GUARD).contains(&address) {
                tell();
                libc::_exit(super::EXIT_CODE);
            }
            // Not ours: whoever was asked before, which is std's own handler.
            let before = BEFORE.load(Relaxed);
            if !before.is_null() && (*before).sa_flags & libc::SA_SIGINFO != 0 {
                let next: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) =
                    std::mem::transmute((*before).sa_sigaction);
                return next(signal, info, context);
            }
            libc::signal(signal, libc::SIG_DFL);
        }
    }
}
