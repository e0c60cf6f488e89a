//! `std::thread`, with a list of which threads were started and never joined.

#![allow(missing_docs, reason = "everything is as in std")]

use super::Watch;
use super::watch::State;
use std::io;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

pub use std::thread::*;

/// As in std. Dropping it detaches the thread.
pub struct JoinHandle<T> {
    real: Option<std::thread::JoinHandle<T>>,
    state: Arc<State>,
}

impl<T> JoinHandle<T> {
    /// As std's.
    ///
    /// # Errors
    /// When the thread panicked.
    pub fn join(mut self) -> Result<T> {
        let outcome = self.real.take().expect("join consumes the handle").join();
        self.state.joined.store(true, SeqCst);
        outcome
    }

    pub fn is_finished(&self) -> bool {
        self.real.as_ref().is_some_and(std::thread::JoinHandle::is_finished)
    }

    pub fn thread(&self) -> &Thread {
        self.real.as_ref().expect("only join takes it out").thread()
    }
}

impl<T> std::fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoinHandle").finish_non_exhaustive()
    }
}

impl<T> Drop for JoinHandle<T> {
    /// A thread that has ended needs no join: a list of handles may be cleared of those.
    fn drop(&mut self) {
        let state = if self.is_finished() { &self.state.joined } else { &self.state.detached };
        state.store(true, SeqCst);
    }
}

#[track_caller]
pub fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    Builder::new().spawn(work).expect("failed to spawn thread")
}

#[derive(Debug)]
pub struct Builder(std::thread::Builder);

impl Builder {
    #[expect(clippy::new_without_default, reason = "std's has none either")]
    pub fn new() -> Self {
        Builder(std::thread::Builder::new())
    }

    pub fn name(self, name: String) -> Self {
        Builder(self.0.name(name))
    }

    pub fn stack_size(self, size: usize) -> Self {
        Builder(self.0.stack_size(size))
    }

    /// As std's.
    ///
    /// # Errors
    /// When the system has no room for one more thread.
    #[track_caller]
    pub fn spawn<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<JoinHandle<T>> {
        let (state, begin) = (Arc::<State>::default(), Watch::for_new_thread());
        let at_the_end = Ends(Arc::clone(&state));
        let real = self.0.spawn(move || {
            let _at_the_end = at_the_end;
            begin();
            work()
        })?;
        Watch::current().add_thread(Location::caller(), Arc::clone(&state));
        Ok(JoinHandle { real: Some(real), state })
    }

    /// As std's.
    ///
    /// # Errors
    /// When the system has no room for one more thread.
    pub fn spawn_scoped<'scope, 'env, T: Send + 'scope>(
        self,
        scope: &'scope Scope<'scope, 'env>,
        work: impl FnOnce() -> T + Send + 'scope,
    ) -> io::Result<ScopedJoinHandle<'scope, T>> {
        let begin = Watch::for_new_thread();
        self.0.spawn_scoped(&scope.0, move || {
            begin();
            work()
        })
    }
}

/// As in std. Its threads aren't on the list, because the scope joins them.
#[repr(transparent)]
#[derive(Debug)]
pub struct Scope<'scope, 'env: 'scope>(std::thread::Scope<'scope, 'env>);

impl<'scope, 'env> Scope<'scope, 'env> {
    pub fn spawn<T: Send + 'scope>(
        &'scope self,
        work: impl FnOnce() -> T + Send + 'scope,
    ) -> ScopedJoinHandle<'scope, T> {
        Builder::new().spawn_scoped(self, work).expect("failed to spawn thread")
    }
}

pub fn scope<'env, T>(work: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T) -> T {
    std::thread::scope(|scope| {
        let scope: *const std::thread::Scope<'_, 'env> = scope;
        // SAFETY: `Scope` is transparent, so a reference to what it holds is one to it; the
        // lifetime is the one that the reference had.
        work(unsafe { &*scope.cast::<Scope<'_, 'env>>() })
    })
}

/// Says that a thread has ended, also by a panic.
struct Ends(Arc<State>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.ended.store(true, SeqCst);
    }
}

// A program that calls these while it waits is polling.

pub fn sleep(time: Duration) {
    Watch::current().polled(Some(time));
    std::thread::sleep(time);
}

pub fn yield_now() {
    Watch::current().polled(None);
    std::thread::yield_now();
}

pub fn park_timeout(time: Duration) {
    Watch::current().polled(Some(time));
    std::thread::park_timeout(time);
}
