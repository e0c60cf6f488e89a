//! Tasks that borrow.

use std::sync::Arc;
use std::thread;

use crate::crew::Crew;
use crate::{Task, WORKS_FOR, works_for};

/// Runs `f` with a pool of its own, whose tasks may borrow what outlives the call; returns when every task has ended.
///
/// The threads are made for this call: a pool that outlives the borrow could take such tasks only with `unsafe` (rayon's
/// `scope` does that). For jobs that wait, two workers more or less cost nothing next to the wait.
/// `concurrent.futures` needs no such thing: Python's closures keep alive what they use.
///
/// ```
/// let words = vec![String::from("one"), String::from("three")];
/// let longest = executor::scope(2, |pool| {
///     let tasks: Vec<_> = words.iter().map(|word| pool.submit(|| word.len())).collect();
///     tasks.into_iter().map(|task| task.result().unwrap()).max()
/// });
/// assert_eq!(longest, Some(5));
/// ```
///
/// # Panics
/// When `workers` is 0, when a thread cannot be started, or when `f` panics; then what has not begun is cancelled.
pub fn scope<'env, R>(workers: usize, f: impl FnOnce(&Scope<'env>) -> R) -> R {
    assert!(workers > 0, "a pool without workers never runs anything");
    let crew = Arc::new(Crew::new(workers, None));
    thread::scope(|threads| {
        // Closes the queue whatever happens, or the workers would wait for more and the scope for them.
        let mut scope = Scope { crew: Arc::clone(&crew), returned: false };
        for worker in 0..workers {
            let crew = Arc::clone(&crew);
            let work = move || {
                WORKS_FOR.set(Some(Arc::clone(&crew.blocked)));
                crew.work();
            };
            let thread = thread::Builder::new().name(format!("worker-{worker}"));
            thread.spawn_scoped(threads, work).expect("the system can start the workers");
        }
        let value = f(&scope);
        scope.returned = true;
        value
    })
}

/// The pool of one [`scope`].
pub struct Scope<'env> {
    crew: Arc<Crew<'env>>,
    returned: bool,
}

impl<'env> Scope<'env> {
    /// Queues `work`, which may borrow; see [`Executor::submit`](crate::Executor::submit).
    pub fn submit<T, F>(&self, work: F) -> Task<T>
    where
        T: Send + 'env,
        F: FnOnce() -> T + Send + 'env,
    {
        Task { cell: self.crew.submit(work, works_for(self.crew.id())) }
    }
}

impl Drop for Scope<'_> {
    fn drop(&mut self) {
        self.crew.close(!self.returned);
    }
}
