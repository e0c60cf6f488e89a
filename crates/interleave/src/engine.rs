//! What `sync` and `thread` are built on: [`step`] and [`wait`]. One thread runs at a time. At every operation that
//! another thread could notice it stops, and the engine says who goes on.

use crate::fibre::{self, Stack};
use crate::sync::condvar::WAKE_UP;
use crate::sync::lock::UNLOCK;
use crate::thread::{END, SLEEP, START};
pub(crate) use interleave_engine::*;
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// An operation: waits for this thread's turn, which comes only when `ready`, then does `act`.
pub(crate) fn step<R>(op: Op, ready: &dyn Fn() -> bool, act: impl FnOnce() -> R) -> R {
    step_when(op, [None, None], ready, act)
}

/// As [`step`], for what has to wait: says what it needs of which objects, which is the same as `ready`.
pub(crate) fn step_when<R>(
    op: Op,
    needs: [Option<Need>; 2],
    ready: &dyn Fn() -> bool,
    act: impl FnOnce() -> R,
) -> R {
    if !exploring() {
        return outside(ready, None, act).expect("without a limit there is no timeout");
    }
    wait(op, needs, ready, Wake::WhenReady);
    act()
}

/// Stops the running thread before `op`; returns when it is its turn, which comes when it is `ready`
/// or when `wake` allows.
pub(crate) fn wait(op: Op, needs: [Option<Need>; 2], ready: &dyn Fn() -> bool, wake: Wake) -> Woken {
    if !exploring() {
        let limit = if let Wake::After(limit) = wake { Some(limit) } else { None };
        return outside(ready, limit, || ()).map_or(Woken::TimedOut, |()| Woken::Ready);
    }
    let mut op = op;
    if CARE.load(Relaxed) > 0 {
        if IN_HOOK.get() {
            if !ready() {
                die_in_hook("waits");
            }
            return arrive(world(|w| w.current), op);
        }
        crate::io::before_step();
        if recording() {
            op.loc = crate::source::learners_place(op.loc);
            tell_who_waits(&op);
            if !has_a_row(&op) && !ready() {
                aside(world(|w| w.current), op.object, Some(op.loc), Happening::Waits(op.verb));
            }
        }
    }
    // SAFETY: `arrive` follows below, while `ready` lives.
    let (me, next) = unsafe { stop(op, needs, ready, wake) };
    if next != Some(me) {
        fibre::hand_over(next);
    }
    arrive(me, op)
}

/// A sleeper and a thread that waits for a notification have a row in a report already.
fn has_a_row(op: &Op) -> bool {
    op.verb.is_quiet || [&SLEEP, &WAKE_UP].contains(&op.verb)
}

/// The running thread's last step may have taken what another thread was about to take. From then on,
/// that thread waits. `op` is the running thread's next step.
fn tell_who_waits(op: &Op) {
    // A thread without a step among this many has been told of long ago.
    const LAST_EVENTS: usize = 2_000;
    let waiting: Vec<(Tid, Op)> = world(|w| {
        let waits = |tid: Tid| {
            let (next, is_ready) = w.next_of(tid)?;
            // A lock that is released in the next step was held for one step only.
            let is_over = op.verb == &UNLOCK && op.object == next.object;
            if is_ready || is_over || has_a_row(&next) {
                return None;
            }
            let since = w.log.iter().rev().take(LAST_EVENTS).position(|e| e.who == tid);
            let since = since.or((w.log.len() < LAST_EVENTS).then_some(w.log.len()))?;
            let mut told = w.asides().iter().rev().take_while(|aside| aside.at + since >= w.log.len());
            let is_told = told.any(|a| a.who == tid && matches!(a.what, Happening::Waits(_)));
            (!is_told).then_some((tid, next))
        };
        let others = (0..w.threads.len()).filter(|&tid| tid != w.current && !w.threads[tid].finished);
        others.filter_map(waits).collect()
    });
    for (tid, next) in waiting {
        aside(tid, next.object, Some(next.loc), Happening::Waits(next.verb));
    }
}

/// How many reasons there are to look closer at each step of this run: it is recorded, a stream is locked, a hook is running.
pub(crate) static CARE: AtomicU32 = AtomicU32::new(0);

thread_local! {
    /// A panic hook of the explored code is running.
    static IN_HOOK: Cell<bool> = const { Cell::new(false) };
}

/// Runs the explored code's panic hook. All that it does belongs to the step that panics: std can't have another thread panic, nor
/// this one leave, while a hook runs on this OS thread.
pub(crate) fn within_hook(hook: impl FnOnce()) {
    let outer = IN_HOOK.replace(true);
    CARE.fetch_add(1, Relaxed);
    hook();
    CARE.fetch_sub(1, Relaxed);
    IN_HOOK.set(outer);
}

fn die_in_hook(does: &str) -> ! {
    let (me, so_far) = (world(|w| w.name(w.current)), crate::watchdog::so_far());
    let why = format!("{me} panics, and the panic hook that the code has set {does}.\n{so_far}");
    crate::watchdog::die("panic-hook", &why)
}

/// A limit beyond this is none: `Duration::MAX`, say, is how some write "forever".
const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// Woken when the time is up, and for no reason before that; `otherwise` if the time is never up.
pub(crate) fn after(limit: Duration, otherwise: Wake) -> Wake {
    if limit > CENTURY { otherwise } else { Wake::After(limit) }
}

/// Outside of an exploration there is one lock for everything: plain, slow and right. `None` when
/// the time is up.
pub(crate) fn outside<R>(
    ready: &dyn Fn() -> bool,
    limit: Option<Duration>,
    act: impl FnOnce() -> R,
) -> Option<R> {
    static EVERYTHING: Mutex<()> = Mutex::new(());
    static CHANGED: Condvar = Condvar::new();
    let start = std::time::Instant::now();
    let mut turn = EVERYTHING.lock().unwrap_or_else(PoisonError::into_inner);
    while !ready() {
        let left = limit.map(|limit| limit.saturating_sub(start.elapsed()));
        turn = match left {
            Some(Duration::ZERO) => return None,
            Some(left) => CHANGED.wait_timeout(turn, left).unwrap_or_else(PoisonError::into_inner).0,
            None => CHANGED.wait(turn).unwrap_or_else(PoisonError::into_inner),
        };
    }
    let result = act();
    drop(turn);
    CHANGED.notify_all();
    Some(result)
}

/// A thread looks without waiting, so that the moment of a release matters: in every run from the next one on, it is a step.
pub(crate) fn watch_releases() {
    if exploring() {
        world(|w| {
            if !w.settings().watch_releases {
                w.start_over_with_releases();
            }
        });
    }
}

/// Something that cannot be put back to what it was is used in a second run.
pub(crate) fn refuse_to_outlive(tag: &Tag) -> ! {
    let (kind, born) = (tag.kind, crate::report::place(tag.born));
    abandon(Failure::Misuse(format!(
        "the {kind} made at {born} is used in more than one run, and cannot be put back to what it was: make it inside \
         the scenario, so that every run starts afresh"
    )))
}

/// The run ends here, with this failure; the running thread never goes on.
pub(crate) fn abandon(failure: Failure) -> ! {
    if IN_HOOK.get() {
        match failure {
            Failure::Exit { call, .. } => die_in_hook(&format!("ends the process: {call}")),
            failure => die_in_hook(&format!("cannot go on: {failure:?}")),
        }
    }
    world(|w| w.fail(failure));
    loop {
        fibre::hand_over(None);
    }
}

/// Ends the run: this is what went wrong.
pub(crate) fn fail(message: String) -> ! {
    abandon(Failure::Panic { who: 0, panicked: Panicked { message, place: None } })
}

/// Starts a thread: it runs to its first operation, which nobody can tell from running later.
pub(crate) fn spawn(name: Option<String>, loc: Loc, stack: Stack, body: Box<dyn FnOnce()>) -> Tid {
    if IN_HOOK.get() {
        die_in_hook("starts a thread");
    }
    let Some(tid) = start_thread(&START, name, loc) else {
        let started: Vec<String> = world(|w| {
            let alive = w.threads.iter().filter(|thread| !thread.finished).filter_map(|thread| thread.born);
            let mut places: Vec<(Loc, usize)> = vec![];
            for born in alive {
                match places.iter_mut().find(|(place, _)| *place == born) {
                    Some((_, n)) => *n += 1,
                    None => places.push((born, 1)),
                }
            }
            let tell = |(place, n): (Loc, usize)| format!("{n} started at {}", crate::report::place(place));
            places.into_iter().map(tell).collect()
        });
        abandon(Failure::Misuse(format!(
            "a check can have at most {MAX_ALIVE} threads at the same time, and {MAX_ALIVE} are running: {}",
            started.join(", ")
        )))
    };
    fibre::create(tid, stack, body);
    fibre::hand_over(Some(tid));
    tid
}

/// A thread has run its body, and panicked or not: to end may be a step.
pub(crate) fn end_thread(panicked: bool) {
    if panicked {
        let panicked = last_panic();
        world(|w| w.threads[w.current].panicked = Some(panicked));
    }
    if releases_are_steps() || world(|w| w.settings().must_join) {
        let (object, born) = world(|w| (w.threads[w.current].object, w.threads[w.current].born));
        if let Some(loc) = born {
            let op = Op { verb: &END, object, writes: true, loc };
            wait(op, [None, None], &|| true, Wake::WhenReady);
        }
    }
}

/// Runs `f` as `catch_unwind` does, and keeps count of the panics that the thread unwinds from.
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> std::thread::Result<R> {
    let depth = || if exploring() { world(|w| w.threads[w.current].unwinding) } else { 0 };
    let before = depth();
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f));
    if result.is_err() && exploring() {
        world(|w| w.threads[w.current].unwinding = before);
    }
    result
}
