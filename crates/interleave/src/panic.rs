//! `std::panic`, which keeps count of the panics of explored threads, and keeps their hook apart from the explorer's own.

pub use ::std::panic::*;

use crate::engine::{self, Panicked, Tag, Verb, exploring};
use crate::report::words::{STEP, Words};
use crate::search::Use;
use crate::watchdog::{die, first_panic, so_far, test_name};
use ::std::cell::RefCell;
use ::std::rc::Rc;
use ::std::sync::{PoisonError, RwLock};

pub(crate) static PANIC: Verb = Verb {
    does: "panics",
    words: &Words { effect: |step| Some(format!("panics: {}", step.first_line())), ..Words::USUAL },
    ..STEP
};

/// As std's.
///
/// # Errors
/// When `f` panics: what it panicked with.
pub fn catch_unwind<F: FnOnce() -> R + UnwindSafe, R>(f: F) -> crate::thread::Result<R> {
    engine::catch(f)
}

/// As std's.
pub fn resume_unwind(payload: Box<dyn ::std::any::Any + Send>) -> ! {
    if exploring() {
        engine::unwinds_again(&PANIC, &*payload);
    }
    ::std::panic::resume_unwind(payload)
}

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Sync + Send + 'static>;

/// The hook of the process, while a search is under way and the explorer's has its place.
static USUAL: RwLock<Option<Hook>> = RwLock::new(None);

thread_local! {
    /// The hook that the explored code has set in the run that is under way.
    static EXPLORED: RefCell<Option<Rc<Hook>>> = const { RefCell::new(None) };
}

/// What a run's threads see of the hook: whether it is this one or another.
static HOOK: Tag = Tag::new("panic hook");

/// As std's; in a check, it is the hook of one run, and runs as a part of the step that panics.
pub fn set_hook(hook: Hook) {
    if !exploring() {
        return ::std::panic::set_hook(hook);
    }
    engine::touch(HOOK.object(|| ()), true);
    let before = EXPLORED.replace(Some(Rc::new(hook)));
    drop(before);
}

/// As std's; in a check, the usual hook does nothing, because the report tells of the panic.
#[must_use]
pub fn take_hook() -> Hook {
    if !exploring() {
        return ::std::panic::take_hook();
    }
    engine::touch(HOOK.object(|| ()), true);
    match EXPLORED.take().map(Rc::try_unwrap) {
        Some(Ok(hook)) => hook,
        _ => Box::new(|_| ()),
    }
}

/// A search begins: its panics are part of the report, and not printed when they happen.
pub(crate) fn before_search() {
    if USUAL.read().unwrap_or_else(PoisonError::into_inner).is_some() {
        return; // The search before this one ended by a panic of the explorer itself, and left its hook.
    }
    let usual = ::std::panic::take_hook();
    *USUAL.write().unwrap_or_else(PoisonError::into_inner) = Some(usual);
    ::std::panic::set_hook(Box::new(hook));
}

/// It is over, and the process has its own hook again.
pub(crate) fn after_search() {
    if ::std::thread::panicking() {
        return; // A thread that panics cannot change the hook; the explorer's does no harm where nothing is explored.
    }
    // Not one statement with the next: std holds a lock of its own while it runs a hook, and `hook` takes `USUAL` under it.
    let usual = USUAL.write().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(usual) = usual {
        ::std::panic::set_hook(usual);
    }
}

/// A run is over.
pub(crate) fn after_run() {
    drop(EXPLORED.take());
}

fn hook(info: &PanicHookInfo<'_>) {
    if !exploring() {
        match &*USUAL.read().unwrap_or_else(PoisonError::into_inner) {
            Some(usual) => usual(info),
            None => eprintln!("{info}"), // `after_search` is about to put the usual one back.
        }
        return;
    }
    let message = info.payload_as_str().unwrap_or("(a panic without a message)").to_string();
    let place = info.location().map(|loc| (loc.file().to_string(), loc.line()));
    if message.starts_with("panic in a destructor during cleanup")
        || message.starts_with("panic in a function that cannot unwind")
    {
        let why = format!(
            "{}\n    Then a destructor panicked while its thread was unwinding from a panic, and Rust ends the process. \
             The test is {}.\n{}",
            engine::peek(first_panic).flatten().unwrap_or_else(|| "a thread panics".into()),
            String::from_utf8_lossy(test_name()),
            so_far()
        );
        die("double-panic", &why);
    }
    engine::panic_begins(&PANIC, Panicked { message, place });
    engine::note_use(HOOK.object(|| ()), Use::Read);
    if let Some(hook) = EXPLORED.with_borrow(Clone::clone) {
        engine::within_hook(|| hook(info));
    }
}
