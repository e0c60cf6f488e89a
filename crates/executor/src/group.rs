//! Several tasks at once: [`as_completed`] and [`wait`].

use std::iter::FusedIterator;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::crew::{Blocked, Group, TaskError};
use crate::{Task, my_pool};

/// Yields each task's place in `tasks` and its result, first finished first; `as_completed(futures, timeout)`.
///
/// The time is for all of them together: when it has passed, every task that has not ended yields
/// [`TaskError::TimedOut`], in order, so that each task is answered for exactly once.
/// (Python raises `TimeoutError` at that point.) [`AsCompleted::into_unfinished`] gives those tasks back.
/// Where waiting would be a [`TaskError::Deadlock`], the first of them says so in place of `TimedOut`.
///
/// A task that is cancelled already is yielded like any other that has ended. (CPython
/// 3.11 waits for it forever: CPython issue 87893.)
///
/// ```
/// let pool = executor::Executor::new(3);
/// let tasks = (0..3).map(|n| pool.submit(move || n * n)).collect();
/// for (place, result) in executor::as_completed(tasks, None) {
///     assert_eq!(result?, place * place);
/// }
/// # Ok::<(), executor::TaskError>(())
/// ```
pub fn as_completed<T>(tasks: Vec<Task<T>>, timeout: Option<Duration>) -> AsCompleted<T> {
    let group = watch(&tasks);
    let until = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    AsCompleted { left: tasks.len(), tasks: tasks.into_iter().map(Some).collect(), group, until, late: 0 }
}

fn watch<T>(tasks: &[Task<T>]) -> Arc<Group> {
    let group = Arc::new(Group::default());
    for (index, task) in tasks.iter().enumerate() {
        task.cell.report_to(&group, index);
    }
    group
}

/// The pool whose worker this thread is, if all of `tasks` are that pool's: only then is waiting a possible deadlock.
fn inside<'a, T: 'a>(mut tasks: impl Iterator<Item = &'a Task<T>>) -> Option<Arc<Blocked>> {
    let pool = tasks.next()?.cell.pool;
    my_pool(pool).filter(|_| tasks.all(|task| task.cell.pool == pool))
}

/// The results of [`as_completed`].
pub struct AsCompleted<T> {
    tasks: Vec<Option<Task<T>>>,
    group: Arc<Group>,
    until: Option<Instant>,
    left: usize,
    /// Where to look for the next task to be called late, once the time has passed.
    late: usize,
}

impl<T> AsCompleted<T> {
    /// The tasks that have not been handed out, in order: after a time-out, those that went on.
    pub fn into_unfinished(self) -> Vec<Task<T>> {
        self.tasks.into_iter().flatten().collect()
    }
}

impl<T> Iterator for AsCompleted<T> {
    type Item = (usize, Result<T, TaskError>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        let mut error = TaskError::TimedOut;
        if self.late == 0 {
            let pool = inside(self.tasks.iter().flatten());
            match self.group.next(pool.as_ref(), self.until) {
                Ok(index) => {
                    self.left -= 1;
                    let task = self.tasks[index].take().expect("a task ends once");
                    return Some((index, task.result()));
                }
                Err(why) => error = why,
            }
        }
        // From here on nothing is waited for: what is left is answered for, one by one.
        let index = (self.late..self.tasks.len()).find(|&index| self.tasks[index].is_some())?;
        self.late = index + 1;
        self.left -= 1;
        Some((index, Err(error)))
    }
}

impl<T> FusedIterator for AsCompleted<T> {}

/// What [`wait`] waits for; `return_when=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// One task has ended; `FIRST_COMPLETED`.
    FirstCompleted,
    /// One task has panicked, or all have ended; `FIRST_EXCEPTION`. An `Err` that a task returns is a value.
    FirstException,
    /// All have ended; `ALL_COMPLETED`.
    All,
}

/// What [`wait`] found, each in the order in which the tasks were given; Python's `(done, not_done)`.
#[derive(Debug)]
pub struct Waited<T> {
    /// Those that have ended, in whichever way.
    pub done: Vec<Task<T>>,
    /// Those that have not.
    pub not_done: Vec<Task<T>>,
}

/// Waits for some or all of `tasks`; `wait(futures, timeout, return_when)`.
///
/// With a time-out it returns what there is when the time has passed, without an error, as Python does.
///
/// A task that is cancelled already is done. (CPython 3.11 waits for it forever: CPython
/// issue 92001.)
///
/// ```
/// use std::sync::mpsc::channel;
/// let pool = executor::Executor::new(1);
/// let (go, gate) = channel::<()>();
/// let busy = pool.submit(move || gate.recv());
/// let tasks = vec![pool.submit(|| ()), pool.submit(|| ())];
/// assert!(tasks.iter().all(|task| task.cancel()));
/// let waited = executor::wait(tasks, executor::Until::All, None)?;
/// assert_eq!(waited.done.len(), 2);
/// for (_, result) in executor::as_completed(waited.done, None) {
///     assert!(matches!(result, Err(executor::TaskError::Cancelled)));
/// }
/// # drop(go);
/// # let _ = busy.result()?;
/// # Ok::<(), executor::TaskError>(())
/// ```
///
/// # Errors
/// [`TaskError::Deadlock`] when a worker of the tasks' own pool waits and no other worker is left to run them.
pub fn wait<T>(tasks: Vec<Task<T>>, until: Until, timeout: Option<Duration>) -> Result<Waited<T>, TaskError> {
    let group = watch(&tasks);
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    for _ in 0..tasks.len() {
        let index = match group.next(inside(tasks.iter()).as_ref(), deadline) {
            Ok(index) => index,
            Err(TaskError::TimedOut) => break,
            Err(error) => return Err(error),
        };
        match until {
            Until::FirstCompleted => break,
            Until::FirstException if tasks[index].cell.panicked() => break,
            Until::FirstException | Until::All => {}
        }
    }
    let (done, not_done) = tasks.into_iter().partition(Task::done);
    Ok(Waited { done, not_done })
}
