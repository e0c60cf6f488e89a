//! `std::thread`, with a list of who was started and never joined.
//!
//! The check calls itself `std`, and this module stands where `std::thread` was. What is not here is the real one: the threads of a
//! `thread::scope` are joined by the scope, so nobody has to keep a list of them.

use real::cell::RefCell;
use real::io;
use real::panic::Location;
use real::sync::atomic::{AtomicBool, Ordering::SeqCst};
use real::sync::{Arc, Mutex};
use real::time::Duration;

pub use real::thread::*;

/// The threads that were started, directly or not, by a thread that has adopted this list, and what they do.
#[derive(Clone, Default)]
pub struct Started(Arc<Inner>);

#[derive(Default)]
struct Inner {
    threads: Mutex<Vec<Entry>>,
    sockets: crate::sockets::Watched,
}

struct Entry {
    place: &'static Location<'static>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    joined: AtomicBool,
    /// Its handle was dropped while it ran.
    detached: AtomicBool,
    ended: AtomicBool,
}

thread_local!(static STARTED: RefCell<Started> = RefCell::default());

impl Started {
    /// From here on, what the current thread starts is on this list.
    pub fn adopt(&self) {
        STARTED.set(self.clone());
        self.sockets().count_time_of_this_thread();
    }

    /// As `adopt`, for a thread of a scope: it is seen when it uses a socket.
    pub fn adopt_if_new(&self) {
        if !STARTED.with_borrow(|mine| Arc::ptr_eq(&mine.0, &self.0)) {
            self.adopt();
        }
    }

    /// That of the current thread.
    pub fn current() -> Self {
        STARTED.with_borrow(Clone::clone)
    }

    pub fn sockets(&self) -> &crate::sockets::Watched {
        &self.0.sockets
    }

    /// Where a thread was started that nobody has joined.
    pub fn not_joined(&self) -> Option<String> {
        let started = self.0.threads.lock().unwrap();
        let thread = started.iter().find(|thread| !thread.state.joined.load(SeqCst))?;
        let file = thread.place.file().rsplit(['/', '\\']).next().unwrap_or_default();
        Some(format!("src/{file}, line {}", thread.place.line()))
    }

    /// How many handles of threads that have ended are kept, and not joined.
    pub fn kept(&self) -> usize {
        let kept = |state: &State| {
            state.ended.load(SeqCst) && !state.joined.load(SeqCst) && !state.detached.load(SeqCst)
        };
        self.0.threads.lock().unwrap().iter().filter(|thread| kept(&thread.state)).count()
    }
}

/// As in std. Dropping it detaches the thread.
pub struct JoinHandle<T> {
    real: Option<real::thread::JoinHandle<T>>,
    state: Arc<State>,
}

impl<T> JoinHandle<T> {
    pub fn join(mut self) -> Result<T> {
        let outcome = self.real.take().expect("join consumes the handle").join();
        self.state.joined.store(true, SeqCst);
        outcome
    }

    pub fn is_finished(&self) -> bool {
        self.real.as_ref().is_some_and(|real| real.is_finished())
    }

    pub fn thread(&self) -> &Thread {
        self.real.as_ref().expect("only join takes it out").thread()
    }
}

impl<T> Drop for JoinHandle<T> {
    /// A thread that has ended needs no join: a list of handles may be cleared of those.
    fn drop(&mut self) {
        if self.is_finished() {
            self.state.joined.store(true, SeqCst);
        } else {
            self.state.detached.store(true, SeqCst);
        }
    }
}

#[track_caller]
pub fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    Builder::new().spawn(work).expect("failed to spawn thread")
}

#[derive(Debug)]
pub struct Builder(real::thread::Builder);

impl Builder {
    #[expect(clippy::new_without_default, reason = "std's has none either")]
    pub fn new() -> Self {
        Builder(real::thread::Builder::new())
    }

    pub fn name(self, name: String) -> Self {
        Builder(self.0.name(name))
    }

    pub fn stack_size(self, size: usize) -> Self {
        Builder(self.0.stack_size(size))
    }

    #[track_caller]
    pub fn spawn<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<JoinHandle<T>> {
        let (state, list) = (Arc::<State>::default(), Started::current());
        let (inherited, mine) = (list.clone(), Arc::clone(&state));
        let real = self.0.spawn(move || {
            inherited.adopt();
            let _at_the_end = Ends(mine);
            work()
        })?;
        let thread = Entry { place: Location::caller(), state: Arc::clone(&state) };
        list.0.threads.lock().unwrap().push(thread);
        Ok(JoinHandle { real: Some(real), state })
    }

    pub fn spawn_scoped<'scope, 'env, T: Send + 'scope>(
        self,
        scope: &'scope Scope<'scope, 'env>,
        work: impl FnOnce() -> T + Send + 'scope,
    ) -> io::Result<ScopedJoinHandle<'scope, T>> {
        self.0.spawn_scoped(scope, work)
    }
}

/// Says that a thread has ended, also by a panic.
struct Ends(Arc<State>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.ended.store(true, SeqCst);
    }
}

// Whoever calls these to wait for something has looked in vain.

pub fn sleep(time: Duration) {
    Started::current().sockets().in_vain(Some(time));
    real::thread::sleep(time);
}

pub fn yield_now() {
    Started::current().sockets().in_vain(None);
    real::thread::yield_now();
}

pub fn park_timeout(time: Duration) {
    Started::current().sockets().in_vain(Some(time));
    real::thread::park_timeout(time);
}
