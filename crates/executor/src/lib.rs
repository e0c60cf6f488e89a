//! A pool of threads that gives results back: Python's `ThreadPoolExecutor`, as Rust would have it.
//!
//! A task waits in a queue, a worker runs it, and whoever submitted it asks for the result. Threads are made once and
//! reused, and there are never more than you said: that is the whole idea, and it is what keeps ten thousand URLs from
//! being ten thousand threads.
//!
//! | `concurrent.futures` | here |
//! |---|---|
//! | `ThreadPoolExecutor(max_workers=8)` | [`Executor::new(8)`](Executor::new) |
//! | `thread_name_prefix=`, `initializer=` | [`Builder::thread_name`], [`Builder::initializer`] |
//! | `submit(fn, x)` → `Future` | [`Executor::submit`] → [`Task`] |
//! | `future.result()`, `result(timeout)` | [`Task::result`], [`Task::result_timeout`] |
//! | `future.cancel()`, `done()`, `cancelled()` | [`Task::cancel`], [`Task::done`], [`Task::cancelled`] |
//! | `executor.map(fn, items)`, `buffersize=` | [`Executor::map`], [`Executor::map_ahead`] |
//! | `as_completed(futures, timeout)` | [`as_completed`] |
//! | `wait(futures, return_when=…)` | [`wait`] with [`Until`] |
//! | `shutdown(wait, cancel_futures)` | [`Executor::shutdown`] |
//! | `with ThreadPoolExecutor() as pool:` | a block: the end of the block drops the pool, which joins |
//! | an exception in the task | a panic: [`TaskError::Panicked`] comes out at `result` |
//!
//! ```
//! let pool = executor::Executor::new(4);
//! let task = pool.submit(|| 6 * 7);
//! assert_eq!(task.result()?, 42);
//!
//! let squares: Result<Vec<i32>, _> = pool.map(1..=5, |n| n * n).collect();
//! assert_eq!(squares?, [1, 4, 9, 16, 25]);
//! # Ok::<(), executor::TaskError>(())
//! ```
//!
//! # What Rust prevents, and what it does not
//! A task cannot borrow what may be gone when it runs: `submit` wants `'static`, and [`scope`] is the way to borrow. What
//! it shares it must share safely (`Send`), or it does not compile. Still possible: a task that waits for another task of
//! its own pool when all workers do the same. Python hangs there; here the last one gets [`TaskError::Deadlock`].
//!
//! # Where Python hangs or leaves you guessing
//! - A task that was cancelled before anyone waited for it has ended: [`as_completed`]
//!   yields it as [`TaskError::Cancelled`], and [`wait`] returns it among the done.
//!   CPython 3.11 waits forever for such a future (CPython issues 87893 and 92001, both
//!   still open).
//! - [`TaskError::TimedOut`] means that *your* wait was too short. A timeout inside the
//!   task is the task's own value. Since Python 3.11 both are the same `TimeoutError`.
//! - A task that panics ends that task. So does a value that panics while it is dropped.
//!   The worker takes the next task.

//!
//! # When something else fits better
//! - **rayon**: the work is computing, on slices and iterators, and short. It steals work and splits it; its threads are
//!   one for each core, so a task that waits for a socket holds up a core's worth of work.
//! - **a channel and a few threads**: the work is a stream that never ends, or passes through stages.
//! - **async**: ten thousand waits at once. A thread costs tens of microseconds to make and some kilobytes to keep; a few
//!   hundred threads are no trouble, tens of thousands are.
//! - **`std::thread::scope`**: five jobs, known beforehand. No pool is needed for that.
//!
//! # What it costs
//! An empty task and its result take one or two microseconds, most of them for switching from thread to thread; an item of
//! a long [`map`](Executor::map) takes a quarter of one, half of that for a result of its own. Starting and joining cost what the system's
//! threads cost. `cargo bench -p executor-bench` measures it beside other pools, CPython's, and bare threads, which show
//! the limit.
//!
//! # How many workers
//! If the work waits, as many as the server can handle: see the `pool-size` demo. If it computes, one per core.
//! Python guesses for you: 5 × cores in 3.5, `min(32, cores + 4)` since 3.8, and since 3.13 with the cores that this
//! process may use. The 4 keeps some waiting possible on a small machine; the 32 keeps a machine with 128 cores from
//! starting 640 threads for a script. [`default_workers`] is that number; this crate asks you to choose.

mod channel;
mod crew;
mod group;
mod scope;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::crew::{Blocked, Crew, TaskCell};
pub use crate::crew::{Panic, TaskError};
pub use crate::group::{AsCompleted, Until, Waited, as_completed, wait};
pub use crate::scope::{Scope, scope};

/// How often a waiting thread looks before it sleeps; found by the bench, where more brings no more.
const LOOKS: u32 = 16;

thread_local! {
    /// Where the pool that this thread works for counts its blocked workers.
    static WORKS_FOR: RefCell<Option<Arc<Blocked>>> = const { RefCell::new(None) };
}

fn works_for(pool: usize) -> bool {
    WORKS_FOR.with_borrow(|mine| mine.as_ref().is_some_and(|mine| Arc::as_ptr(mine) as usize == pool))
}

/// The pool with this id, if this thread works for it.
fn my_pool(pool: usize) -> Option<Arc<Blocked>> {
    if works_for(pool) { WORKS_FOR.with_borrow(Clone::clone) } else { None }
}

/// `min(32, cores + 4)`: what Python's `ThreadPoolExecutor()` takes when nobody says how many.
pub fn default_workers() -> usize {
    thread::available_parallelism().map_or(1, usize::from).saturating_add(4).min(32)
}

/// A pool of worker threads; `concurrent.futures.ThreadPoolExecutor`.
///
/// Dropping it runs what is queued and joins every worker, as leaving Python's `with` block does.
pub struct Executor {
    crew: Arc<Crew<'static>>,
    workers: usize,
    handles: Mutex<Vec<JoinHandle<()>>>,
}

impl Executor {
    /// A pool of `workers` threads; `ThreadPoolExecutor(max_workers=workers)`. Python starts them on demand; here they
    /// all start now.
    ///
    /// # Panics
    /// When `workers` is 0 or the system has no threads left; [`Builder::build`] returns an error for the second.
    pub fn new(workers: usize) -> Executor {
        Executor::builder(workers).build().expect("the system can start the workers")
    }

    /// A pool with names, an initializer or a bounded queue.
    ///
    /// # Panics
    /// When `workers` is 0: nothing would ever run.
    pub fn builder(workers: usize) -> Builder {
        assert!(workers > 0, "a pool without workers never runs anything");
        Builder { workers, name: "worker".into(), queue_bound: None, initializer: None }
    }

    /// How many workers it has; `max_workers`.
    pub fn workers(&self) -> usize {
        self.workers
    }

    /// Queues `work` and gives back a [`Task`] to ask for its result; `executor.submit(fn)`.
    ///
    /// After [`shutdown`](Executor::shutdown) the task ends at once with [`TaskError::ShutDown`], where Python raises
    /// `RuntimeError`. With a queue bound it blocks while the queue is full, unless it is a worker of this pool that
    /// submits.
    pub fn submit<T, F>(&self, work: F) -> Task<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        Task { cell: self.crew.submit(work, works_for(self.crew.id())) }
    }

    /// Calls `f` with every item in the pool and returns the results in the order of the
    /// items; `executor.map(fn, items)`.
    ///
    /// All items are submitted before this returns, as Python does it: the calls run even
    /// if you never ask for a result. An iterator that cannot say how many items it has
    /// at most (by its `size_hint`) may be endless, so it is taken bit by bit, like
    /// [`map_ahead`](Executor::map_ahead) with 64 items or 4 for each worker, whichever
    /// is more.
    ///
    /// An item whose call panics yields [`TaskError::Panicked`]; the others are not
    /// affected. If you stop reading in the middle and drop the iterator, calls that have
    /// not begun are cancelled. Dropped before the first result is asked for, it cancels
    /// nothing.
    pub fn map<I, F, U>(&self, items: I, f: F) -> Map<'_, I::IntoIter, F, U>
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        F: Fn(I::Item) -> U + Send + Sync + 'static,
        U: Send + 'static,
    {
        let items = items.into_iter();
        let ahead = items.size_hint().1.unwrap_or((4 * self.workers).max(64));
        self.map_ahead(ahead.max(1), items, f)
    }

    /// Like [`map`](Executor::map), but takes at most `ahead` items from the iterator
    /// ahead of the results; `executor.map(fn, items, buffersize=ahead)` since Python
    /// 3.14.
    ///
    /// The first `ahead` items are submitted before this returns, more of them as you ask
    /// for results. If you ask for none, the rest is never called.
    ///
    /// # Panics
    /// When `ahead` is 0: there would never be a result.
    pub fn map_ahead<I, F, U>(&self, ahead: usize, items: I, f: F) -> Map<'_, I::IntoIter, F, U>
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        F: Fn(I::Item) -> U + Send + Sync + 'static,
        U: Send + 'static,
    {
        assert!(ahead > 0, "a result needs an item to be taken");
        let mut map = Map {
            pool: self,
            items: items.into_iter(),
            f: Arc::new(f),
            tasks: VecDeque::new(),
            ahead,
            more: true,
            read: false,
        };
        map.submit_ahead();
        map
    }

    /// Takes no more tasks; `executor.shutdown(wait=…, cancel_futures=…)`.
    ///
    /// What is queued still runs, or is cancelled with `cancel_pending`; what runs, runs on. With `wait` this returns when
    /// every worker has ended. Called from a worker of this pool it does not wait, since that worker would wait for
    /// itself. Calling it twice does no harm.
    pub fn shutdown(&self, wait: bool, cancel_pending: bool) {
        self.crew.close(cancel_pending);
        if wait && !works_for(self.crew.id()) {
            // Held while joining, so that a second caller who waits is told when the first one's wait is over.
            let mut handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
            for handle in handles.drain(..) {
                // A worker catches its tasks' panics: it ends in good order.
                let _ = handle.join();
            }
        }
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        self.shutdown(true, false);
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executor").field("workers", &self.workers).finish_non_exhaustive()
    }
}

/// What a pool is to be like; from [`Executor::builder`].
pub struct Builder {
    workers: usize,
    name: String,
    queue_bound: Option<usize>,
    initializer: Option<Arc<dyn Fn(usize) + Send + Sync>>,
}

impl Builder {
    /// Names the threads `prefix-0`, `prefix-1`, …; `thread_name_prefix=`.
    pub fn thread_name(mut self, prefix: impl Into<String>) -> Self {
        self.name = prefix.into();
        self
    }

    /// Runs `f(worker)` in each worker before its first task; `initializer=`.
    pub fn initializer(mut self, f: impl Fn(usize) + Send + Sync + 'static) -> Self {
        self.initializer = Some(Arc::new(f));
        self
    }

    /// Lets at most `jobs` wait in the queue; a `submit` past that blocks until a worker takes one. Python has no such
    /// bound: its queue grows as long as memory lasts.
    ///
    /// # Panics
    /// When `jobs` is 0: nothing could ever be submitted.
    pub fn queue_bound(mut self, jobs: usize) -> Self {
        assert!(jobs > 0, "a queue without room takes no task");
        self.queue_bound = Some(jobs);
        self
    }

    /// Starts the workers, and waits for their initializers where there are some.
    ///
    /// # Errors
    /// When a thread cannot be started, or an initializer panics (Python's `BrokenThreadPool`, said at once); the workers
    /// already started are joined.
    pub fn build(self) -> io::Result<Executor> {
        let crew = Arc::new(Crew::new(self.workers, self.queue_bound));
        let pool = Executor { crew, workers: self.workers, handles: Mutex::default() };
        let (ready, all_ready) = mpsc::channel();
        for worker in 0..self.workers {
            let crew = Arc::clone(&pool.crew);
            let initializer = self.initializer.clone();
            // Sent when the initializer has returned; dropped unsent when it has panicked.
            let ready = initializer.is_some().then(|| ready.clone());
            let run = move || {
                WORKS_FOR.set(Some(Arc::clone(&crew.blocked)));
                if let (Some(initializer), Some(ready)) = (initializer, ready) {
                    initializer(worker);
                    let _ = ready.send(());
                }
                crew.work();
            };
            let handle = thread::Builder::new().name(format!("{}-{worker}", self.name)).spawn(run)?;
            pool.handles.lock().expect("nobody else has it yet").push(handle);
        }
        drop(ready);
        if self.initializer.is_some() && all_ready.iter().count() < self.workers {
            return Err(io::Error::other("an initializer panicked"));
        }
        Ok(pool)
    }
}

/// A task that was submitted; `concurrent.futures.Future`. Dropping it lets the task go on unwatched.
#[must_use = "a panic in the task is seen only by asking for its result"]
pub struct Task<T> {
    cell: Arc<TaskCell<T>>,
}

impl<T> Task<T> {
    /// Waits for the end and gives the value; `future.result()`.
    ///
    /// # Errors
    /// [`TaskError`] says why there is no value; [`TaskError::Deadlock`] when a worker of the same pool asks and every
    /// other worker waits as well.
    pub fn result(self) -> Result<T, TaskError> {
        // A short task has often ended before this thread would be asleep; going to sleep and being woken costs some
        // microseconds, a look and a yield a fraction of one.
        for _ in 0..LOOKS {
            if let Some(result) = self.cell.try_take() {
                return result;
            }
            thread::yield_now();
        }
        self.cell.take(my_pool(self.cell.pool).as_ref(), None)
    }

    /// Like [`result`](Task::result), but gives up after `time`; `future.result(timeout)`. The task goes on, and may be
    /// asked again; its value is handed out once.
    ///
    /// # Errors
    /// [`TaskError::TimedOut`] when the time has passed, [`TaskError::Taken`] when the value was handed out before.
    pub fn result_timeout(&self, time: Duration) -> Result<T, TaskError> {
        self.cell.take(my_pool(self.cell.pool).as_ref(), Instant::now().checked_add(time))
    }

    /// Whether it has ended, in whichever way; `future.done()`.
    pub fn done(&self) -> bool {
        self.cell.done()
    }

    /// Keeps the task from running if it has not begun, and says whether it was in time; `future.cancel()`. A task that
    /// runs cannot be stopped, in Python as here: give it a flag to look at.
    pub fn cancel(&self) -> bool {
        self.cell.cancel()
    }

    /// Whether it was cancelled; `future.cancelled()`.
    pub fn cancelled(&self) -> bool {
        self.cell.cancelled()
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("done", &self.done()).finish_non_exhaustive()
    }
}

/// The results of [`Executor::map`], in order.
#[must_use = "the calls run without it, but a panic in one of them is seen only in its result"]
pub struct Map<'pool, I, F, U> {
    pool: &'pool Executor,
    items: I,
    f: Arc<F>,
    tasks: VecDeque<Task<U>>,
    ahead: usize,
    /// Whether `items` may have another one.
    more: bool,
    /// Whether a result has been asked for.
    read: bool,
}

impl<I, F, U> Map<'_, I, F, U>
where
    I: Iterator,
    I::Item: Send + 'static,
    F: Fn(I::Item) -> U + Send + Sync + 'static,
    U: Send + 'static,
{
    fn submit_ahead(&mut self) {
        while self.more && self.tasks.len() < self.ahead {
            let Some(item) = self.items.next() else {
                self.more = false;
                break;
            };
            let f = Arc::clone(&self.f);
            self.tasks.push_back(self.pool.submit(move || f(item)));
        }
    }
}

impl<I, F, U> Iterator for Map<'_, I, F, U>
where
    I: Iterator,
    I::Item: Send + 'static,
    F: Fn(I::Item) -> U + Send + Sync + 'static,
    U: Send + 'static,
{
    type Item = Result<U, TaskError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read = true;
        // Refilled by halves: a worker that finds several jobs in the queue need not be woken for each.
        if self.tasks.len() <= self.ahead / 2 {
            self.submit_ahead();
        }
        self.tasks.pop_front().map(Task::result)
    }
}

impl<I, F, U> Drop for Map<'_, I, F, U> {
    fn drop(&mut self) {
        // Results that were never wanted are no sign that the calls are not: Python runs them all, too.
        if self.read {
            for task in &self.tasks {
                task.cancel();
            }
        }
    }
}
