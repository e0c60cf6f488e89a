//! `Condvar`.

use super::lock::RELOCK;
use super::{MutexGuard, NOBODY};
use crate::engine::{
    self, Aside, Happening, Loc, NOTIFIED, Need, ObjectId, Op, Tag, Tid, Uses, Verb, Wake, Woken, exploring,
    world,
};
use crate::report::list;
use crate::report::story::Story;
use crate::report::words::{STEP, Words};
use crate::search::Use;
use ::std::fmt;
use ::std::sync::{LockResult, Mutex as StdMutex, MutexGuard as StdGuard, PoisonError};
use ::std::time::Duration;

/// The first half of a wait.
pub(crate) static LET_GO_AND_WAIT: Verb = Verb {
    does: "lets go of the lock and waits on",
    // Those who wait have no order, and a notification orders nothing: the mutex does.
    uses: Uses::Shares,
    orders: false,
    words: &Words { in_report: lets_go, ..Words::USUAL },
    ..STEP
};
/// The second half of a wait.
pub(crate) static WAKE_UP: Verb = Verb {
    does: "wakes up",
    uses: Uses::SaysItself,
    words: &Words {
        effect: |step| Some(format!("wakes up{}{}", step.why(), step.change().replace(": ", "; "))),
        in_report: wakes_up,
        wish: |name| format!("waits to be notified on {name}"),
        why_never: |story, stuck, reason| story.why_not_notified(stuck, reason),
        ..Words::USUAL
    },
    ..STEP
};
pub(crate) static NOTIFY_ONE: Verb = Verb { does: "notifies one on", ..NOTIFY };
pub(crate) static NOTIFY_ALL: Verb = Verb { does: "notifies all on", ..NOTIFY };

const NOTIFY: Verb = Verb {
    uses: Uses::MayOnlyLook,
    orders: false,
    words: &Words { in_report: notifies, ..Words::USUAL },
    ..STEP
};

fn lets_go(story: &Story<'_>, i: usize) -> String {
    let e = &story.w.log[i];
    let name = story.names.of(e.object);
    let mine = story.asides(i + 1, i + 1).iter().find(|a| a.who == e.who);
    let Some((aside, Happening::Unlocks { since, .. })) = mine.map(|a| (a, &a.what)) else {
        return format!("waits on {name}");
    };
    let (lock, new) = (story.names.of(aside.object), story.access(*since).and_then(|a| a.new));
    let now = new.map(|new| format!(", now {new},")).unwrap_or_default();
    format!("unlocks {lock}{now} and waits on {name}")
}

fn wakes_up(story: &Story<'_>, i: usize) -> String {
    let why = match story.w.log[i].woken {
        Woken::Spuriously => "wakes up without a notification (a spurious wakeup)".into(),
        Woken::TimedOut => "wakes up because its time is up".into(),
        Woken::Ready => match story.woken_from(i) {
            Some(by) => format!("is woken by {}", story.name(story.w.log[by].who)),
            None => "wakes up".into(),
        },
    };
    match &story.releases[i] {
        Some(_) => format!("{why}; {}", story.acquires(i, "locks")),
        None => why,
    }
}

fn notifies(story: &Story<'_>, i: usize) -> String {
    let e = &story.w.log[i];
    let (how, name, woken) = (e.verb.does, story.names.of(e.object), story.woken_by(i));
    if woken.is_empty() {
        return format!("{how} {name}: no thread is waiting");
    }
    let left = story.waiters(e.object, i + 1);
    let woken = list(woken.iter().map(|&t| story.name(t)));
    match left.len() {
        0 => format!("{how} {name}: wakes {woken}"),
        1 => format!("{how} {name}: wakes {woken}; {} sleeps on", story.name(left[0])),
        _ => format!("{how} {name}: wakes {woken}; {} sleep on", list(left.iter().map(|&t| story.name(t)))),
    }
}

/// As [`std::sync::Condvar`]; in a check, a wait may also end without a notification, and a
/// notification may wake any of those who wait.
pub struct Condvar {
    tag: Tag,
    queue: StdMutex<Queue>,
}

struct Queue {
    next_ticket: u64,
    /// Tickets, and the threads that hold them.
    waiting: Vec<(u64, Tid)>,
    /// The mutex of all who wait, in this run.
    mutex: Option<ObjectId>,
}

/// As [`std::sync::WaitTimeoutResult`].
#[derive(Debug, PartialEq, Eq, Copy, Clone)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// Whether the wait ended because the time was up.
    #[must_use]
    pub fn timed_out(&self) -> bool {
        self.0
    }
}

/// A wait that ended: the lock again, and whether the time was up.
type Ended<'a, T> = (LockResult<MutexGuard<'a, T>>, bool);

impl Condvar {
    /// As std's.
    #[track_caller]
    #[must_use]
    pub const fn new() -> Self {
        let queue = StdMutex::new(Queue { next_ticket: 0, waiting: vec![], mutex: None });
        Condvar { tag: Tag::new("Condvar"), queue }
    }

    fn queue(&self) -> StdGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn op(&self, verb: &'static Verb, loc: Loc) -> Op {
        let object =
            self.tag.object(|| *self.queue() = Queue { next_ticket: 0, waiting: vec![], mutex: None });
        Op { verb, object, writes: true, loc }
    }

    #[track_caller]
    fn wait_for<'a, T: ?Sized>(
        &self,
        guard: MutexGuard<'a, T>,
        limit: Option<Duration>,
        loc: Loc,
    ) -> Ended<'a, T> {
        let who = if exploring() { world(|w| w.current) } else { 0 };
        let op = self.op(&LET_GO_AND_WAIT, loc);
        let left = engine::step(op, &|| true, || {
            let mut queue = self.queue();
            if exploring() {
                let mutex = MutexGuard::mutex(&guard).object();
                if *queue.mutex.get_or_insert(mutex) != mutex {
                    // Which of them comes first decides which one panics.
                    engine::note_use(op.object, Use::Write);
                    return Err(guard);
                }
            }
            queue.next_ticket += 1;
            let ticket = queue.next_ticket;
            // In the order of the threads, not of their coming, which nobody could see: any of them may be notified.
            let at = queue.waiting.partition_point(|&(_, other)| other <= who);
            queue.waiting.insert(at, (ticket, who));
            notify(who, false);
            Ok((ticket, MutexGuard::release_now(guard)))
        });
        let (ticket, mutex) = match left {
            Ok(left) => left,
            // std says that it may panic, and some systems do.
            Err(_guard) => panic!("attempted to use a condition variable with two mutexes"),
        };
        let is_notified = || !self.queue().waiting.iter().any(|w| w.0 == ticket);
        let forget = || self.queue().waiting.retain(|w| w.0 != ticket);
        let wake = limit.map_or(Wake::Spuriously, |limit| engine::after(limit, Wake::Spuriously));
        let op = self.op(&WAKE_UP, loc);
        if !exploring() {
            let woken = engine::wait(op, [None, None], &is_notified, wake);
            forget();
            return (mutex.lock(), woken == Woken::TimedOut);
        }
        let relock = Op { verb: &RELOCK, object: mutex.object(), writes: true, loc };
        let own = world(|w| {
            w.threads[who].once_notified = Some((relock.verb, relock.object));
            w.threads[who].object
        });
        let is_told = Need { object: own, how: Use::Read, is_met: |level, _| level & NOTIFIED > 0, than: 0 };
        let needs = [Some(is_told), Some(mutex.need())];
        let woken = engine::wait(op, needs, &|| is_notified() && mutex.is_free(), wake);
        engine::note_use(own, Use::Read);
        let is_early = !is_notified();
        if is_early {
            // It leaves the queue, which a notification would notice.
            engine::note_use(op.object, Use::Share);
            forget();
        }
        if !mutex.is_free() {
            engine::note_use(relock.object, Use::Read);
            engine::wait(relock, [Some(mutex.need()), None], &|| mutex.is_free(), Wake::WhenReady);
        }
        (mutex.retake(loc), is_early && woken == Woken::TimedOut)
    }

    /// As std's.
    ///
    /// # Errors
    /// When the mutex is poisoned; the guard is in the error.
    ///
    /// # Panics
    /// In a check, when another mutex has been used with it before.
    #[track_caller]
    pub fn wait<'a, T: ?Sized>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        self.wait_for(guard, None, Loc::caller()).0
    }

    /// As std's.
    ///
    /// # Errors
    /// When the mutex is poisoned; the guard is in the error.
    ///
    /// # Panics
    /// In a check, when another mutex has been used with it before.
    #[track_caller]
    pub fn wait_while<'a, T: ?Sized, F: FnMut(&mut T) -> bool>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: F,
    ) -> LockResult<MutexGuard<'a, T>> {
        let loc = Loc::caller();
        while condition(MutexGuard::value(&mut guard)) {
            guard = self.wait_for(guard, None, loc).0?;
        }
        Ok(guard)
    }

    /// As std's.
    ///
    /// # Errors
    /// When the mutex is poisoned; the guard is in the error.
    ///
    /// # Panics
    /// In a check, when another mutex has been used with it before.
    #[track_caller]
    pub fn wait_timeout<'a, T: ?Sized>(
        &self,
        guard: MutexGuard<'a, T>,
        limit: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let (guard, timed_out) = self.wait_for(guard, Some(limit), Loc::caller());
        let result = WaitTimeoutResult(timed_out);
        match guard {
            Ok(guard) => Ok((guard, result)),
            Err(e) => Err(PoisonError::new((e.into_inner(), result))),
        }
    }

    /// As std's.
    ///
    /// # Errors
    /// When the mutex is poisoned; the guard is in the error.
    ///
    /// # Panics
    /// In a check, when another mutex has been used with it before.
    #[track_caller]
    pub fn wait_timeout_while<'a, T: ?Sized, F: FnMut(&mut T) -> bool>(
        &self,
        mut guard: MutexGuard<'a, T>,
        limit: Duration,
        mut condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let loc = Loc::caller();
        let start = crate::time::Instant::now();
        loop {
            if !condition(MutexGuard::value(&mut guard)) {
                return Ok((guard, WaitTimeoutResult(false)));
            }
            let left = limit.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Ok((guard, WaitTimeoutResult(true)));
            }
            guard = match self.wait_for(guard, Some(left), loc) {
                (Ok(guard), _) => guard,
                (Err(e), t) => return Err(PoisonError::new((e.into_inner(), WaitTimeoutResult(t)))),
            };
        }
    }

    /// As std's.
    ///
    /// # Errors
    /// When the mutex is poisoned; the guard is in the error.
    ///
    /// # Panics
    /// In a check, when another mutex has been used with it before.
    #[track_caller]
    #[deprecated(note = "replaced by `std::sync::Condvar::wait_timeout`")]
    pub fn wait_timeout_ms<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        ms: u32,
    ) -> LockResult<(MutexGuard<'a, T>, bool)> {
        match self.wait_timeout(guard, Duration::from_millis(ms.into())) {
            Ok((guard, result)) => Ok((guard, !result.timed_out())),
            Err(e) => {
                let (guard, result) = e.into_inner();
                Err(PoisonError::new((guard, !result.timed_out())))
            }
        }
    }

    /// As std's.
    #[track_caller]
    pub fn notify_one(&self) {
        let op = self.op(&NOTIFY_ONE, Loc::caller());
        engine::step(op, &|| true, || {
            let n = self.queue().waiting.len();
            engine::note(|| Some(waiters(n)));
            if n > 0 {
                engine::note_use(op.object, Use::Write);
                let lucky = engine::choose_one_of(n);
                let (_, who) = self.queue().waiting.remove(lucky);
                notify(who, true);
            }
        });
    }

    /// As std's.
    #[track_caller]
    pub fn notify_all(&self) {
        let op = self.op(&NOTIFY_ALL, Loc::caller());
        engine::step(op, &|| true, || {
            let waiting = ::std::mem::take(&mut self.queue().waiting);
            engine::note(|| Some(waiters(waiting.len())));
            if !waiting.is_empty() {
                engine::note_use(op.object, Use::Write);
            }
            waiting.into_iter().for_each(|(_, who)| notify(who, true));
        });
    }
}

/// The thread has been notified, and waits for the lock from here on; or it begins to wait.
fn notify(who: Tid, on: bool) {
    if exploring() {
        world(|w| w.notify(who, on));
    }
}

fn waiters(n: usize) -> String {
    match n {
        0 => NOBODY.into(),
        1 => "1 is waiting".into(),
        n => format!("{n} are waiting"),
    }
}

impl Default for Condvar {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condvar").finish_non_exhaustive()
    }
}
