//! `Condvar`.

use super::{MutexGuard, NOBODY};
use crate::engine::{self, Loc, ObjectId, Op, Tag, Tid, Verb, Wake, Woken, exploring, world};
use ::std::fmt;
use ::std::panic::Location;
use ::std::sync::{LockResult, Mutex as StdMutex, MutexGuard as StdGuard, PoisonError};
use ::std::time::Duration;

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
    /// The mutex that it was used with in this run.
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

    fn op(&self, verb: Verb, loc: Loc) -> Op {
        let object = self.tag.object(|| {
            let mut queue = self.queue();
            queue.waiting.clear();
            queue.mutex = None;
        });
        Op { verb, object, writes: true, loc }
    }

    /// std may panic at that, and does on some systems.
    #[track_caller]
    fn refuse_a_second_mutex(&self, mutex: ObjectId) {
        let first = *self.queue().mutex.get_or_insert(mutex);
        assert!(first == mutex, "attempted to use a condition variable with two mutexes");
    }

    #[track_caller]
    fn wait_for<'a, T: ?Sized>(
        &self,
        guard: MutexGuard<'a, T>,
        limit: Option<Duration>,
        loc: Loc,
    ) -> Ended<'a, T> {
        let who = if exploring() { world(|w| w.current) } else { 0 };
        let op = self.op(Verb::LetGoAndWait, loc);
        if exploring() {
            self.refuse_a_second_mutex(guard.object());
        }
        let (ticket, mutex) = engine::step(op, &|| true, || {
            let mut queue = self.queue();
            queue.next_ticket += 1;
            let ticket = queue.next_ticket;
            // In the order of the threads, not of their coming, which nobody could see: any of them may be notified.
            let at = queue.waiting.partition_point(|&(_, other)| other <= who);
            queue.waiting.insert(at, (ticket, who));
            (ticket, guard.release_now())
        });
        let is_notified = || !self.queue().waiting.iter().any(|w| w.0 == ticket);
        let forget = || self.queue().waiting.retain(|w| w.0 != ticket);
        let wake = limit.map_or(Wake::Spuriously, Wake::After);
        let op = self.op(Verb::WakeUp, loc);
        if !exploring() {
            let woken = engine::wait(op, &is_notified, wake);
            forget();
            return (mutex.lock(), woken == Woken::TimedOut);
        }
        let relock = Op { verb: Verb::Relock, object: mutex.object(), writes: true, loc };
        world(|w| w.threads[who].relock = Some(relock.object));
        let woken = engine::wait(op, &|| is_notified() && mutex.is_free(), wake);
        let timed_out = woken == Woken::TimedOut && !is_notified();
        forget();
        if !mutex.is_free() {
            engine::wait(relock, &|| mutex.is_free(), Wake::WhenReady);
        }
        (mutex.retake(loc), timed_out)
    }

    /// As std's.
    ///
    /// # Errors
    /// When the mutex is poisoned; the guard is in the error.
    #[track_caller]
    pub fn wait<'a, T: ?Sized>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        self.wait_for(guard, None, Location::caller()).0
    }

    /// As std's.
    ///
    /// # Errors
    /// When the mutex is poisoned; the guard is in the error.
    #[track_caller]
    pub fn wait_while<'a, T: ?Sized, F: FnMut(&mut T) -> bool>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: F,
    ) -> LockResult<MutexGuard<'a, T>> {
        let loc = Location::caller();
        while condition(&mut guard) {
            guard = self.wait_for(guard, None, loc).0?;
        }
        Ok(guard)
    }

    /// As std's.
    ///
    /// # Errors
    /// When the mutex is poisoned; the guard is in the error.
    #[track_caller]
    pub fn wait_timeout<'a, T: ?Sized>(
        &self,
        guard: MutexGuard<'a, T>,
        limit: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let (guard, timed_out) = self.wait_for(guard, Some(limit), Location::caller());
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
    #[deprecated = "replaced by `std::sync::Condvar::wait_timeout`"]
    #[track_caller]
    pub fn wait_timeout_ms<'a, T: ?Sized>(
        &self,
        guard: MutexGuard<'a, T>,
        limit: u32,
    ) -> LockResult<(MutexGuard<'a, T>, bool)> {
        match self.wait_timeout(guard, Duration::from_millis(limit.into())) {
            Ok((guard, result)) => Ok((guard, !result.timed_out())),
            Err(e) => {
                let (guard, result) = e.into_inner();
                Err(PoisonError::new((guard, !result.timed_out())))
            }
        }
    }

    /// As std's.
    ///
    /// # Errors
    /// When the mutex is poisoned; the guard is in the error.
    #[track_caller]
    pub fn wait_timeout_while<'a, T: ?Sized, F: FnMut(&mut T) -> bool>(
        &self,
        mut guard: MutexGuard<'a, T>,
        limit: Duration,
        mut condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let loc = Location::caller();
        let start = crate::time::Instant::now();
        loop {
            if !condition(&mut guard) {
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
    #[track_caller]
    pub fn notify_one(&self) {
        engine::step(self.op(Verb::NotifyOne, Location::caller()), &|| true, || {
            let n = self.queue().waiting.len();
            engine::note(|| Some(waiters(n)));
            if n > 0 {
                let lucky = engine::choose_one_of(n);
                let (_, who) = self.queue().waiting.remove(lucky);
                tell(who);
            }
        });
    }

    /// As std's.
    #[track_caller]
    pub fn notify_all(&self) {
        engine::step(self.op(Verb::NotifyAll, Location::caller()), &|| true, || {
            let waiting = ::std::mem::take(&mut self.queue().waiting);
            engine::note(|| Some(waiters(waiting.len())));
            waiting.into_iter().for_each(|(_, who)| tell(who));
        });
    }
}

/// For the report: the thread has been notified, and waits for the lock from here on.
fn tell(who: Tid) {
    if exploring() {
        world(|w| w.threads[who].notified = true);
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
