//! `must_not_wait`: what a thread may wait for, and what it may not.

use crate::engine::{self, Tid, World, exploring, world};
use crate::report::words::Words;
use crate::report::{Names, place};
use crate::source;
use crate::sync::lock::WRITE_LOCK;
use std::cell::RefCell;

thread_local! {
    /// The threads in a call that must not wait: of which run, and what they were seen to
    /// wait for.
    static WATCHED: RefCell<Vec<(u64, Tid, Option<String>)>> = const { RefCell::new(vec![]) };
}

/// Runs `call`, which may wait for a lock, as long as the holder of the lock can go on,
/// and for nothing else.
///
/// In a check, the run fails if the call waits for a notification, a message, room in a
/// channel, the end of a thread or of a sleep, or for a lock whose holder does. Outside
/// of a check, it runs `call`.
///
/// ```
/// use interleave::sync::{Arc, Condvar, Mutex};
/// use interleave::{must_not_wait, thread};
///
/// let check = |has_to_ring: bool| {
///     interleave::Check::new().try_run(move || {
///         let bell = Arc::new((Mutex::new(false), Condvar::new()));
///         let ringer = thread::spawn({
///             let bell = Arc::clone(&bell);
///             move || {
///                 *bell.0.lock().unwrap() = true;
///                 bell.1.notify_all();
///             }
///         });
///         must_not_wait(|| {
///             let has_rung = bell.0.lock().unwrap(); // a lock is no wait
///             if has_to_ring {
///                 drop(bell.1.wait_while(has_rung, |has_rung| !*has_rung));
///             }
///         });
///         ringer.join().unwrap();
///     })
/// };
/// assert!(check(false).is_ok());
/// assert!(check(true).unwrap_err().headline().contains("must not wait"));
/// ```
pub fn must_not_wait<R>(call: impl FnOnce() -> R) -> R {
    if !exploring() {
        return call();
    }
    let (run, me) = world(|w| (w.run(), w.current));
    WATCHED.with_borrow_mut(|watched| {
        // A run that has failed leaves its own behind.
        watched.retain(|(other, ..)| *other == run);
        watched.push((run, me, None));
    });
    engine::trace_states(Some(look));
    let result = call();
    let (waited, is_last) = WATCHED.with_borrow_mut(|watched| {
        let mine = watched.iter().rposition(|(_, tid, _)| *tid == me).expect("it was put there");
        let waited = watched.remove(mine).2;
        (waited, watched.is_empty())
    });
    if is_last {
        engine::trace_states(None);
    }
    if let Some(message) = waited {
        engine::fail(message);
    }
    result
}

/// Before each choice: does one of them wait for what it must not?
fn look(w: &World) {
    WATCHED.with_borrow_mut(|watched| {
        for (run, tid, waited) in
            watched.iter_mut().filter(|(run, _, waited)| *run == w.run() && waited.is_none())
        {
            debug_assert_eq!(*run, w.run());
            *waited = waits_for(w, *tid);
        }
    });
}

fn waits_for(w: &World, tid: Tid) -> Option<String> {
    let mut seen = vec![];
    let mut waiting = tid;
    let (mine, _) = w.next_of(tid)?;
    loop {
        let (op, is_ready) = w.next_of(waiting)?;
        if is_ready {
            return None;
        }
        seen.push(waiting);
        let is_for_a_lock = Words::of(op.verb).acquires;
        let holders = &w.objects[op.object as usize].holders;
        // A writer that waits may keep a reader out of a lock that nobody holds.
        let is_writer = |&other: &Tid| {
            let next = w.next_of(other).filter(|_| !w.threads[other].finished);
            next.is_some_and(|(theirs, _)| (theirs.verb, theirs.object) == (&WRITE_LOCK, op.object))
        };
        let holder = holders.first().map(|&(holder, _)| holder);
        let holder = holder.or_else(|| (0..w.threads.len()).find(is_writer)).filter(|_| is_for_a_lock);
        match holder {
            // If it goes around in a circle, that is a deadlock and reported as one.
            Some(holder) if seen.contains(&holder) => return None,
            Some(holder) => waiting = holder,
            None => break,
        }
    }
    let names = Names::new(w);
    let me = w.name(tid);
    let text = source::text(mine.loc);
    let mut message =
        format!("{me} {} in a call that must not wait: {}: {text}", names.wish(&mine), place(mine.loc));
    if waiting != tid
        && let Some((theirs, _)) = w.next_of(waiting)
    {
        let holder = w.name(waiting);
        message +=
            &format!("\n    {holder} holds the lock and {}: {}", names.wish(&theirs), place(theirs.loc));
    }
    Some(message)
}
