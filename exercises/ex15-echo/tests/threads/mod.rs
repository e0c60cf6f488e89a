//! `std::thread`, with a list of who was started and never joined.
//!
//! The check calls itself `std`, and this module stands where `std::thread` was. What is not here is the real one: the threads of a
//! `thread::scope` are joined by the scope, so nobody has to keep a list of them.

use real::cell::RefCell;
use real::io;
use real::panic::Location;
use real::sync::atomic::{AtomicBool, Ordering::SeqCst};
use real::sync::{Arc, Mutex};

pub use real::thread::*;

/// The threads that were started, directly or not, by a thread that has adopted this list.
#[derive(Clone, Default)]
pub struct Started(Arc<Mutex<Vec<Entry>>>);

struct Entry {
    place: &'static Location<'static>,
    joined: Arc<AtomicBool>,
}

thread_local!(static STARTED: RefCell<Started> = RefCell::default());

impl Started {
    /// From here on, what the current thread starts is on this list.
    pub fn adopt(&self) {
        STARTED.set(self.clone());
    }

    /// Where a thread was started that nobody has joined.
    pub fn not_joined(&self) -> Option<String> {
        let started = self.0.lock().unwrap();
        let thread = started.iter().find(|thread| !thread.joined.load(SeqCst))?;
        let file = thread.place.file().rsplit(['/', '\\']).next().unwrap_or_default();
        Some(format!("src/{file}, line {}", thread.place.line()))
    }
}

/// As in std. Dropping it detaches the thread.
pub struct JoinHandle<T> {
    real: Option<real::thread::JoinHandle<T>>,
    joined: Arc<AtomicBool>,
}

impl<T> JoinHandle<T> {
    pub fn join(mut self) -> Result<T> {
        let outcome = self.real.take().expect("join consumes the handle").join();
        self.joined.store(true, SeqCst);
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
            self.joined.store(true, SeqCst);
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
        let (joined, list) = (Arc::new(AtomicBool::new(false)), STARTED.with_borrow(Clone::clone));
        let inherited = list.clone();
        let real = self.0.spawn(move || {
            inherited.adopt();
            work()
        })?;
        let thread = Entry { place: Location::caller(), joined: Arc::clone(&joined) };
        list.0.lock().unwrap().push(thread);
        Ok(JoinHandle { real: Some(real), joined })
    }

    pub fn spawn_scoped<'scope, 'env, T: Send + 'scope>(
        self,
        scope: &'scope Scope<'scope, 'env>,
        work: impl FnOnce() -> T + Send + 'scope,
    ) -> io::Result<ScopedJoinHandle<'scope, T>> {
        self.0.spawn_scoped(scope, work)
    }
}
