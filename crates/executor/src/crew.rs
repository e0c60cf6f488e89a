//! The moving parts of the pool: a task's state, the crew's queue, and the way both end.
//!
//! Everything here rests on `std::sync` and on the `channel` module next door, so that a check can compile this very file
//! against a `std` whose every interleaving is tried.

use std::any::Any;
use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, RwLock};
use std::time::{Duration, Instant};

use super::channel::{Receiver, Sender, unbounded};

/// Why a task has no value to give.
pub enum TaskError {
    /// The task panicked; this is what it panicked with.
    Panicked(Panic),
    /// The task was cancelled before it began: by `cancel`, or by a shutdown that cancels what is pending.
    Cancelled,
    /// The task was submitted after the shutdown and never ran.
    ShutDown,
    /// The time given has passed; the task goes on.
    TimedOut,
    /// Every worker of the pool waits for a task of this same pool, so nobody is left to run one.
    Deadlock,
    /// The value was already handed out by an earlier `result_timeout`.
    Taken,
}

impl TaskError {
    /// The text of the panic, where there is one.
    pub fn panic_message(&self) -> Option<&str> {
        match self {
            TaskError::Panicked(panic) => panic.message(),
            _ => None,
        }
    }
}

/// What a task panicked with; the object that Python would have raised again.
pub struct Panic {
    message: Option<String>,
    /// Never locked: the mutex makes the payload `Sync`, so that `?` turns a `TaskError` into any boxed error.
    payload: Mutex<Box<dyn Any + Send>>,
}

impl Panic {
    fn new(payload: Box<dyn Any + Send>) -> Panic {
        let text = payload.downcast_ref::<&str>().map(|text| String::from(*text));
        let message = text.or_else(|| payload.downcast_ref::<String>().cloned());
        Panic { message, payload: Mutex::new(payload) }
    }

    /// The text, where there is one: `panic!` leaves a text, `std::panic::panic_any` whatever it was given.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// The payload, for [`std::panic::resume_unwind`].
    ///
    /// # Panics
    /// Never: the mutex round the payload is never locked.
    pub fn into_payload(self) -> Box<dyn Any + Send> {
        self.payload.into_inner().expect("never locked, so never poisoned")
    }
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TaskError::Panicked(_) => {
                write!(
                    f,
                    "the task panicked: {}",
                    self.panic_message().unwrap_or("with a value that is no text")
                )
            }
            TaskError::Cancelled => f.write_str("the task was cancelled before it began"),
            TaskError::ShutDown => f.write_str("the task was submitted after the shutdown and never ran"),
            TaskError::TimedOut => f.write_str("the time given has passed and the task has not ended"),
            TaskError::Deadlock => f.write_str(
                "deadlock: every worker waits for a task of this same pool; do not wait inside a task",
            ),
            TaskError::Taken => f.write_str("the task's value was already handed out"),
        }
    }
}

impl fmt::Debug for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskError({self})")
    }
}

impl Error for TaskError {}

/// What a waiting thread is to the pool whose task it waits for.
pub(crate) type Inside<'a> = Option<&'a Arc<Blocked>>;

/// How many workers of one pool wait, without a time-out, for tasks of this pool.
///
/// The count is exact: whoever ends a task takes its waiters off the count before it does anything else. So when the
/// last worker is about to wait, the tasks they all wait for are pending, or running in a worker that itself waits.
pub(crate) struct Blocked {
    workers: usize,
    waiting: Mutex<usize>,
}

impl Blocked {
    /// Counts this worker as waiting; false, and no count, when no worker would be left.
    fn enter(&self) -> bool {
        let mut waiting = self.waiting.lock().unwrap();
        let possible = *waiting + 1 < self.workers;
        *waiting += usize::from(possible);
        possible
    }

    fn leave(&self, workers: usize) {
        *self.waiting.lock().unwrap() -= workers;
    }
}

/// One task: pending, then running, then ended; or ended at once, by a cancel.
pub(crate) struct TaskCell<T> {
    inner: Mutex<Inner<T>>,
    ended: Condvar,
    /// Which pool is to run it: the address of its `Blocked`. A counted reference in every task would be two more
    /// writes to a place that all threads share.
    pub(crate) pool: usize,
}

struct Inner<T> {
    state: State<T>,
    /// Threads in `ended.wait`: with none, ending the task makes no system call.
    waiters: usize,
    /// Those of them that are workers of this pool and would wait for ever, and where they are counted.
    blocked: Option<(Arc<Blocked>, usize)>,
    groups: Vec<(Arc<Group>, usize)>,
}

enum State<T> {
    Pending,
    Running,
    Ended(Result<T, TaskError>),
    Taken,
}

impl<T> Inner<T> {
    fn take(&mut self) -> Result<T, TaskError> {
        match std::mem::replace(&mut self.state, State::Taken) {
            State::Ended(result) => result,
            _ => Err(TaskError::Taken),
        }
    }
}

impl<T> TaskCell<T> {
    fn new(pool: usize) -> TaskCell<T> {
        let inner = Inner { state: State::Pending, waiters: 0, blocked: None, groups: Vec::new() };
        TaskCell { inner: Mutex::new(inner), ended: Condvar::new(), pool }
    }

    /// Nothing of the user's runs under this lock, so it cannot be poisoned.
    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        self.inner.lock().unwrap()
    }

    pub(crate) fn done(&self) -> bool {
        matches!(self.lock().state, State::Ended(_) | State::Taken)
    }

    pub(crate) fn cancelled(&self) -> bool {
        matches!(self.lock().state, State::Ended(Err(TaskError::Cancelled)))
    }

    pub(crate) fn panicked(&self) -> bool {
        matches!(self.lock().state, State::Ended(Err(TaskError::Panicked(_))))
    }

    /// Cancels the task if it has not begun; true when it will not run, or has been cancelled before.
    pub(crate) fn cancel(&self) -> bool {
        let inner = self.lock();
        match inner.state {
            State::Pending => {
                self.end(inner, Err(TaskError::Cancelled));
                true
            }
            State::Ended(Err(TaskError::Cancelled)) => true,
            _ => false,
        }
    }

    fn start(&self) -> bool {
        let mut inner = self.lock();
        let pending = matches!(inner.state, State::Pending);
        if pending {
            inner.state = State::Running;
        }
        pending
    }

    fn end(&self, mut inner: MutexGuard<'_, Inner<T>>, result: Result<T, TaskError>) {
        inner.state = State::Ended(result);
        let groups = std::mem::take(&mut inner.groups);
        let waiters = inner.waiters > 0;
        if let Some((pool, workers)) = inner.blocked.take() {
            pool.leave(workers);
        }
        drop(inner);
        if waiters {
            self.ended.notify_all();
        }
        for (group, index) in groups {
            group.ended(index);
        }
    }

    /// The value, if the task has ended.
    pub(crate) fn try_take(&self) -> Option<Result<T, TaskError>> {
        let mut inner = self.lock();
        match inner.state {
            State::Pending | State::Running => None,
            _ => Some(inner.take()),
        }
    }

    /// Waits for the end and hands out the value.
    pub(crate) fn take(&self, inside: Inside<'_>, until: Option<Instant>) -> Result<T, TaskError> {
        self.wait(inside, until)?.take()
    }

    fn wait(
        &self,
        inside: Inside<'_>,
        until: Option<Instant>,
    ) -> Result<MutexGuard<'_, Inner<T>>, TaskError> {
        let mut inner = self.lock();
        let mut counted = false;
        while matches!(inner.state, State::Pending | State::Running) {
            let left = match until {
                None => None,
                Some(until) => match until.checked_duration_since(Instant::now()) {
                    Some(left) if !left.is_zero() => Some(left),
                    _ => return Err(TaskError::TimedOut),
                },
            };
            // A wait that ends by itself is no deadlock.
            if let (Some(pool), None, false) = (inside, left, counted) {
                if !pool.enter() {
                    return Err(TaskError::Deadlock);
                }
                inner.blocked.get_or_insert_with(|| (Arc::clone(pool), 0)).1 += 1;
                counted = true;
            }
            inner.waiters += 1;
            inner = wait_on(&self.ended, inner, left);
            inner.waiters -= 1;
        }
        Ok(inner)
    }

    /// Tells `group` when this task has ended, or at once if it has.
    pub(crate) fn report_to(&self, group: &Arc<Group>, index: usize) {
        let mut inner = self.lock();
        if matches!(inner.state, State::Pending | State::Running) {
            inner.groups.push((Arc::clone(group), index));
        } else {
            drop(inner);
            group.ended(index);
        }
    }

    /// An end that came before the beginning: there is no queue to go to any more.
    fn shut_down(&self) {
        let inner = self.lock();
        self.end(inner, Err(TaskError::ShutDown));
    }
}

fn wait_on<'a, T>(condvar: &Condvar, guard: MutexGuard<'a, T>, left: Option<Duration>) -> MutexGuard<'a, T> {
    match left {
        None => condvar.wait(guard).unwrap(),
        Some(left) => condvar.wait_timeout(guard, left).unwrap().0,
    }
}

/// Several tasks watched by one thread: their places in the order in which they end.
#[derive(Default)]
pub(crate) struct Group {
    inner: Mutex<GroupInner>,
    some_ended: Condvar,
}

#[derive(Default)]
struct GroupInner {
    ended: VecDeque<usize>,
    blocked: Option<Arc<Blocked>>,
}

impl Group {
    fn ended(&self, index: usize) {
        let mut inner = self.inner.lock().unwrap();
        inner.ended.push_back(index);
        if let Some(pool) = inner.blocked.take() {
            pool.leave(1);
        }
        drop(inner);
        self.some_ended.notify_one();
    }

    /// The next task to have ended.
    pub(crate) fn next(&self, inside: Inside<'_>, until: Option<Instant>) -> Result<usize, TaskError> {
        let mut inner = self.inner.lock().unwrap();
        loop {
            if let Some(index) = inner.ended.pop_front() {
                return Ok(index);
            }
            let left = match until {
                None => None,
                Some(until) => match until.checked_duration_since(Instant::now()) {
                    Some(left) if !left.is_zero() => Some(left),
                    _ => return Err(TaskError::TimedOut),
                },
            };
            if let (Some(pool), None, None) = (inside, left, &inner.blocked) {
                if !pool.enter() {
                    return Err(TaskError::Deadlock);
                }
                inner.blocked = Some(Arc::clone(pool));
            }
            inner = wait_on(&self.some_ended, inner, left);
        }
    }
}

/// The worker's end of a task. Dropped without having run, it cancels: no task is left without an end.
struct Promise<T>(Option<Arc<TaskCell<T>>>);

impl<T> Promise<T> {
    /// Runs `work`, unless the task was cancelled in the meantime.
    fn keep(mut self, work: impl FnOnce() -> T) {
        let Some(task) = self.0.take() else { return };
        if task.start() {
            let result = catch_unwind(AssertUnwindSafe(work))
                .map_err(|payload| TaskError::Panicked(Panic::new(payload)));
            task.end(task.lock(), result);
        }
    }
}

impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.cancel();
        }
    }
}

type Job<'env> = Box<dyn FnOnce() + Send + 'env>;

/// The queue and those who work on it; `'env` is what the jobs may borrow.
pub(crate) struct Crew<'env> {
    /// Submitting reads, shutting down writes: a job is sent before the end of the queue, or not at all.
    intake: RwLock<Option<Sender<Job<'env>>>>,
    queue: Receiver<Job<'env>>,
    bound: Option<Bound>,
    pub(crate) blocked: Arc<Blocked>,
}

/// How many jobs may wait in the queue.
struct Bound {
    most: usize,
    waiting: Mutex<BoundInner>,
    room: Condvar,
}

#[derive(Default)]
struct BoundInner {
    jobs: usize,
    closed: bool,
}

impl<'env> Crew<'env> {
    pub(crate) fn new(workers: usize, bound: Option<usize>) -> Crew<'env> {
        let (intake, queue) = unbounded();
        let bound = bound.map(|most| Bound { most, waiting: Mutex::default(), room: Condvar::new() });
        let blocked = Arc::new(Blocked { workers, waiting: Mutex::new(0) });
        Crew { intake: RwLock::new(Some(intake)), queue, bound, blocked }
    }

    /// The address of what counts this crew's blocked workers; no two crews that live have the same.
    pub(crate) fn id(&self) -> usize {
        Arc::as_ptr(&self.blocked) as usize
    }

    /// Queues `work`. A worker of this crew never waits for room: it might be the one who has to make it.
    pub(crate) fn submit<T, F>(&self, work: F, inside: bool) -> Arc<TaskCell<T>>
    where
        T: Send + 'env,
        F: FnOnce() -> T + Send + 'env,
    {
        let task = Arc::new(TaskCell::new(self.id()));
        if let Some(bound) = &self.bound {
            let mut waiting = bound.waiting.lock().unwrap();
            if !inside {
                waiting = bound.room.wait_while(waiting, |w| w.jobs >= bound.most && !w.closed).unwrap();
            }
            waiting.jobs += 1;
        }
        let intake = self.intake.read().unwrap();
        let Some(intake) = &*intake else {
            task.shut_down();
            return task;
        };
        let promise = Promise(Some(Arc::clone(&task)));
        // The crew owns a receiver too, so the channel is open as long as the intake is.
        let _ = intake.send(Box::new(move || promise.keep(work)));
        task
    }

    /// Works until the queue is closed and empty.
    pub(crate) fn work(&self) {
        while let Ok(job) = self.queue.recv() {
            self.left_the_queue();
            // The task's own panic is caught inside; this one catches a destructor's, of what the task had borrowed or
            // returned. Its payload is forgotten: dropping it could panic once more.
            if let Err(payload) = catch_unwind(AssertUnwindSafe(job)) {
                std::mem::forget(payload);
            }
        }
    }

    fn left_the_queue(&self) {
        if let Some(bound) = &self.bound {
            bound.waiting.lock().unwrap().jobs -= 1;
            bound.room.notify_one();
        }
    }

    /// Lets nobody queue any more; with `cancel_pending` the queue is emptied as well.
    pub(crate) fn close(&self, cancel_pending: bool) {
        if let Some(bound) = &self.bound {
            bound.waiting.lock().unwrap().closed = true;
            bound.room.notify_all();
        }
        let intake = self.intake.write().unwrap().take();
        drop(intake);
        if cancel_pending {
            // A job that is dropped cancels its task.
            while let Ok(job) = self.queue.try_recv() {
                self.left_the_queue();
                if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(job))) {
                    std::mem::forget(payload);
                }
            }
        }
    }
}
