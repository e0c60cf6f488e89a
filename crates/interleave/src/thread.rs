//! `std::thread`, explored.

pub use crate::local::{AccessError, LocalKey};
pub use ::std::thread::Result;

use crate::engine::{self, Loc, Need, ObjectId, Op, Tid, UNPARKED, Verb, Wake, exploring, world};
use crate::report::words::{STEP, Words};
use crate::search::Use;
use ::std::fmt;
use ::std::io;
use ::std::marker::PhantomData;
use ::std::num::NonZeroUsize;
use ::std::panic::AssertUnwindSafe;
use ::std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use ::std::sync::{Arc, Mutex as StdMutex, PoisonError};
use ::std::time::Duration;

pub(crate) static START: Verb = Verb { does: "starts", words: &Words::NONE, ..STEP };
pub(crate) static END: Verb = Verb { does: "ends", words: &Words::NONE, ..STEP };
static JOIN: Verb = Verb {
    does: "joins",
    is_quiet: true,
    words: &Words { wish: |name| format!("waits for {name} to end"), ..Words::NONE },
    ..STEP
};
static JOIN_SCOPE: Verb = Verb {
    does: "leaves the scope of",
    is_quiet: true,
    words: &Words { wish: |_| "waits for the threads of its scope to end".into(), ..Words::NONE },
    ..STEP
};
static LOOK_FINISHED: Verb = Verb {
    does: "looks whether it is finished",
    // Only a join orders.
    orders: false,
    words: &Words {
        effect: |step| Some(format!("looks whether {} is finished{}", step.name, step.change())),
        ..Words::USUAL
    },
    ..STEP
};
static YIELD: Verb = YIELDS;
const YIELDS: Verb = Verb {
    does: "yields",
    yields: true,
    words: &Words { effect: |_| Some("yields".into()), ..Words::USUAL },
    ..STEP
};
pub(crate) static SLEEP: Verb = Verb {
    does: "sleeps",
    sleeps: true,
    words: &Words { effect: |_| Some("has slept".into()), wish: |_| "sleeps".into(), ..Words::USUAL },
    ..STEP
};
static PARK: Verb = Verb {
    does: "parks",
    words: &Words {
        effect: |step| Some(format!("was parked and goes on{}", step.why().replace("notification", "token"))),
        wish: |_| "is parked".into(),
        ..Words::USUAL
    },
    ..STEP
};
static UNPARK: Verb = Verb { does: "unparks", ..STEP };

/// As std's; in a check, 1: the verdict on a program does not depend on the machine.
pub fn available_parallelism() -> io::Result<NonZeroUsize> {
    if exploring() { Ok(NonZeroUsize::MIN) } else { ::std::thread::available_parallelism() }
}

/// As [`std::thread::ThreadId`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ThreadId(u64);

impl ThreadId {
    fn explored(tid: Tid) -> Self {
        ThreadId(tid as u64 + 1)
    }

    /// std's has no number to be had but in its `Debug` form; a high bit keeps it apart from explored ones.
    fn real(thread: &::std::thread::Thread) -> Self {
        let text = format!("{:?}", thread.id());
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        ThreadId(digits.parse().unwrap_or(0) | 1 << 48)
    }
}

impl fmt::Debug for ThreadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ThreadId({})", self.0 & !(1 << 48))
    }
}

/// As [`std::thread::Thread`].
#[derive(Clone)]
pub struct Thread {
    id: ThreadId,
    name: Option<String>,
    real: Option<::std::thread::Thread>,
}

impl From<::std::thread::Thread> for Thread {
    fn from(real: ::std::thread::Thread) -> Self {
        Thread { id: ThreadId::real(&real), name: real.name().map(str::to_owned), real: Some(real) }
    }
}

impl Thread {
    /// As std's.
    #[must_use]
    pub fn id(&self) -> ThreadId {
        self.id
    }

    /// As std's.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// As std's.
    #[track_caller]
    pub fn unpark(&self) {
        if let Some(real) = &self.real {
            return real.unpark();
        }
        let tid = self.id.0 as Tid - 1;
        let object = world(|w| w.threads[tid].object);
        let op = Op { verb: &UNPARK, object, writes: true, loc: Loc::caller() };
        engine::step(op, &|| true, || {
            world(|w| {
                w.threads[tid].park_token.store(true, Ordering::Relaxed);
                let level = w.objects[object as usize].level;
                w.set_level(object, level | UNPARKED);
            });
        });
    }
}

impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// As std's.
#[must_use]
pub fn current() -> Thread {
    if !exploring() {
        return ::std::thread::current().into();
    }
    world(|w| {
        let tid = w.current;
        let name = match w.threads[tid].known_as {
            Some(name) => name.map(str::to_string),
            None if tid == 0 => Some("main".into()),
            None => w.threads[tid].name.clone(),
        };
        Thread { id: ThreadId::explored(tid), name, real: None }
    })
}

/// As std's: whether this thread is unwinding from a panic.
#[must_use]
pub fn panicking() -> bool {
    if exploring() { world(|w| w.threads[w.current].unwinding > 0) } else { ::std::thread::panicking() }
}

fn own_object() -> ObjectId {
    world(|w| w.threads[w.current].object)
}

fn park_for(wake: Wake, loc: Loc) {
    if !exploring() {
        return match wake {
            Wake::After(limit) => ::std::thread::park_timeout(limit),
            _ => ::std::thread::park(),
        };
    }
    let token = world(|w| w.threads[w.current].park_token.clone());
    let op = Op { verb: &PARK, object: own_object(), writes: true, loc };
    let is_there = |level, _| level & UNPARKED > 0;
    let need = Need { object: op.object, how: Use::Write, is_met: is_there, than: 0 };
    engine::wait(op, [Some(need), None], &|| token.load(Ordering::Relaxed), wake);
    token.store(false, Ordering::Relaxed);
    world(|w| {
        let level = w.objects[op.object as usize].level;
        w.set_level(op.object, level & !UNPARKED);
    });
}

/// As std's; in a check, it may return for no reason.
#[track_caller]
pub fn park() {
    park_for(Wake::Spuriously, Loc::caller());
}

/// As std's, on the virtual clock.
#[track_caller]
pub fn park_timeout(limit: Duration) {
    park_for(engine::after(limit, Wake::Spuriously), Loc::caller());
}

/// As std's; in a check, the other threads go first.
#[track_caller]
pub fn yield_now() {
    if !exploring() {
        return ::std::thread::yield_now();
    }
    let op = Op { verb: &YIELD, object: own_object(), writes: false, loc: Loc::caller() };
    engine::step(op, &|| true, || ());
}

/// As [`yield_now`], but also to a thread that looks again and again, if that may be work.
pub(crate) fn yield_to_work() {
    static YIELD_TO_WORK: Verb = Verb { yields_to_work: true, ..YIELDS };
    let op = Op { verb: &YIELD_TO_WORK, object: own_object(), writes: false, loc: Loc::caller() };
    engine::step(op, &|| true, || ());
}

/// As std's, on the virtual clock: it takes no real time, and orders nothing.
#[track_caller]
pub fn sleep(time: Duration) {
    if !exploring() {
        return ::std::thread::sleep(time);
    }
    let op = Op { verb: &SLEEP, object: own_object(), writes: false, loc: Loc::caller() };
    let never = Need { object: op.object, how: Use::Read, is_met: |_, _| false, than: 0 };
    engine::wait(op, [Some(never), None], &|| false, engine::after(time, Wake::WhenReady));
}

/// As std's, on the virtual clock.
#[track_caller]
#[deprecated(note = "replaced by `std::thread::sleep`")]
pub fn sleep_ms(ms: u32) {
    sleep(Duration::from_millis(ms.into()));
}

/// As std's, on the virtual clock.
#[track_caller]
#[deprecated(note = "replaced by `std::thread::park_timeout`")]
pub fn park_timeout_ms(ms: u32) {
    park_timeout(Duration::from_millis(ms.into()));
}

/// As [`std::thread::Builder`].
#[derive(Debug, Default)]
#[must_use = "a builder starts no thread by itself"]
pub struct Builder {
    name: Option<String>,
    stack_size: Option<usize>,
}

impl Builder {
    /// As std's.
    pub fn new() -> Self {
        Self::default()
    }

    /// As std's; the reports call the thread so.
    pub fn name(mut self, name: String) -> Self {
        self.name = Some(name);
        self
    }

    /// As std's.
    pub fn stack_size(mut self, size: usize) -> Self {
        self.stack_size = Some(size);
        self
    }

    /// As std's.
    ///
    /// # Errors
    /// When the operating system has no thread to give; in a check, no room for its stack.
    #[track_caller]
    pub fn spawn<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        Ok(JoinHandle(start(self, Loc::caller(), f, None)?))
    }

    /// As std's.
    ///
    /// # Errors
    /// When the operating system has no thread to give; in a check, no room for its stack.
    ///
    /// # Safety
    /// As std's: the thread is joined before anything is gone that it uses. In a check, a thread that is stuck at the end of a run
    /// is leaked with all that it uses.
    #[track_caller]
    pub unsafe fn spawn_unchecked<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send,
        T: Send,
    {
        Ok(JoinHandle(start(self, Loc::caller(), f, None)?))
    }

    /// As std's.
    ///
    /// # Errors
    /// When the operating system has no thread to give; in a check, no room for its stack.
    #[track_caller]
    pub fn spawn_scoped<'scope, 'env, F, T>(
        self,
        scope: &'scope Scope<'scope, 'env>,
        f: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let handle = start(self, Loc::caller(), f, Some(scope.data.clone()))?;
        Ok(ScopedJoinHandle(handle, PhantomData))
    }
}

/// As std's; in a check, the thread is explored.
///
/// # Panics
/// When the operating system has no thread to give; in a check, when there is no room for its stack.
#[track_caller]
pub fn spawn<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    JoinHandle(start(Builder::new(), Loc::caller(), f, None).expect("failed to spawn thread"))
}

/// What a thread leaves for the one that joins it. Dropped by the thread or with the handle, whichever lets go last.
struct Packet<T> {
    result: StdMutex<Option<Result<T>>>,
    born: Loc,
}

impl<T> Packet<T> {
    fn take(&self) -> Option<Result<T>> {
        self.result.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Gives up one of the two shares. Which of them is the last decides where the result is dropped, so it is part of the
    /// running step.
    fn give_up(self: Arc<Self>, object: ObjectId) {
        if ::std::mem::needs_drop::<T>() {
            match Arc::strong_count(&self) {
                1 => engine::touch(object, true),
                _ => engine::note_use(object, Use::Write),
            }
        }
    }
}

impl<T> Drop for Packet<T> {
    fn drop(&mut self) {
        let result = self.take();
        if engine::catch(|| drop(result)).is_err() {
            crate::process::die(
                "the result of the thread started there panics when it is dropped",
                self.born,
            );
        }
    }
}

struct Handle<T> {
    /// None once it has been given up.
    packet: Option<Arc<Packet<T>>>,
    is_done: Arc<AtomicBool>,
    thread: Thread,
    scope: Option<Arc<ScopeData>>,
    /// The thread in the run and its object, or the operating system's thread.
    explored: Option<(Tid, ObjectId)>,
    real: Option<::std::thread::JoinHandle<()>>,
}

fn start<'a, F, T>(builder: Builder, loc: Loc, f: F, scope: Option<Arc<ScopeData>>) -> io::Result<Handle<T>>
where
    F: FnOnce() -> T + Send + 'a,
    T: Send + 'a,
{
    let is_whole = builder.name.as_ref().is_none_or(|name| !name.contains('\0'));
    assert!(is_whole, "thread name may not contain interior null bytes");
    let packet = Arc::new(Packet { result: StdMutex::new(None), born: loc });
    let is_done = Arc::new(AtomicBool::new(false));
    if let Some(scope) = &scope {
        scope.running.fetch_add(1, Ordering::Relaxed);
    }
    let (theirs, their_scope, done) = (packet.clone(), scope.clone(), is_done.clone());
    let body = move || {
        let result = engine::catch(f);
        let panicked = result.is_err();
        *theirs.result.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        // What the result borrows may be gone once the thread has left its scope.
        theirs.give_up(if exploring() { own_object() } else { 0 });
        let leave = || {
            done.store(true, Ordering::Release);
            if let Some(scope) = &their_scope {
                scope.panicked.fetch_add(usize::from(panicked), Ordering::Relaxed);
                scope.running.fetch_sub(1, Ordering::Release);
            }
        };
        if exploring() {
            crate::local::destroy();
            engine::end_thread(panicked);
            leave();
        } else {
            let op = Op { verb: &END, object: 0, writes: true, loc };
            engine::step(op, &|| true, leave);
        }
    };
    let body: Box<dyn FnOnce() + Send + 'a> = Box::new(body);
    // SAFETY: only the lifetime changes. `spawn` asks for 'static, and a scope does not end before the
    // threads in it have run their body.
    let body: Box<dyn FnOnce() + Send + 'static> = unsafe { ::std::mem::transmute(body) };
    if !exploring() {
        let mut real = ::std::thread::Builder::new();
        if let Some(name) = builder.name {
            real = real.name(name);
        }
        if let Some(size) = builder.stack_size {
            real = real.stack_size(size);
        }
        let real = match real.spawn(body) {
            Ok(real) => real,
            Err(e) => {
                if let Some(scope) = &scope {
                    scope.running.fetch_sub(1, Ordering::Relaxed);
                }
                return Err(e);
            }
        };
        let thread = real.thread().clone().into();
        let packet = Some(packet);
        return Ok(Handle { packet, is_done, thread, scope, explored: None, real: Some(real) });
    }
    let stack = match crate::fibre::stack(builder.stack_size) {
        Ok(stack) => stack,
        Err(e) => {
            if let Some(scope) = &scope {
                scope.running.fetch_sub(1, Ordering::Relaxed);
            }
            return Err(e);
        }
    };
    // Its number is known before it runs: it may start others, and be waited for, at once.
    if let Some(scope) = &scope {
        let tid = world(|w| w.threads.len());
        scope.explored.lock().unwrap_or_else(PoisonError::into_inner).push(tid);
    }
    let tid = engine::spawn(builder.name.clone(), loc, stack, body);
    let object = world(|w| w.threads[tid].object);
    let thread = Thread { id: ThreadId::explored(tid), name: builder.name, real: None };
    let packet = Some(packet);
    Ok(Handle { packet, is_done, thread, scope, explored: Some((tid, object)), real: None })
}

impl<T> Handle<T> {
    fn op(&self, verb: &'static Verb, loc: Loc) -> Op {
        Op { verb, object: self.explored.map_or(0, |(_, object)| object), writes: false, loc }
    }

    fn is_done(&self) -> bool {
        self.is_done.load(Ordering::Acquire)
    }

    fn join(mut self, loc: Loc) -> Result<T> {
        engine::step(self.op(&JOIN, loc), &|| self.is_done(), || {
            if let Some((tid, _)) = self.explored {
                world(|w| {
                    w.threads[tid].joined = true;
                    w.joins(tid);
                });
            }
        });
        if let Some(real) = self.real.take() {
            real.join()?;
        }
        let result = self.packet.take().and_then(|packet| packet.take());
        let result = result.expect("the thread is done, and nobody else can join it");
        if let (Err(_), Some(scope)) = (&result, &self.scope) {
            scope.panicked.fetch_sub(1, Ordering::Relaxed);
        }
        result
    }

    fn is_finished(&self, loc: Loc) -> bool {
        engine::watch_releases();
        let op = self.op(&LOOK_FINISHED, loc);
        engine::step(op, &|| true, || {
            let done = self.is_done(); // orders nothing: only a join does
            engine::note(|| Some(if done { "yes" } else { "not yet" }.into()));
            engine::reads(&op, u64::from(done));
            done
        })
    }
}

impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        if let Some(packet) = self.packet.take() {
            packet.give_up(self.explored.map_or(0, |(_, object)| object));
        }
    }
}

/// As [`std::thread::JoinHandle`].
pub struct JoinHandle<T>(Handle<T>);

// SAFETY: what it hands over may be sent: `spawn` asks for that.
unsafe impl<T> Send for JoinHandle<T> {}
// SAFETY: as above; and through a shared reference nothing of it is had.
unsafe impl<T> Sync for JoinHandle<T> {}

impl<T> JoinHandle<T> {
    /// As std's.
    ///
    /// # Errors
    /// When the thread panicked: what it panicked with.
    #[track_caller]
    pub fn join(self) -> Result<T> {
        self.0.join(Loc::caller())
    }

    /// As std's.
    #[track_caller]
    pub fn is_finished(&self) -> bool {
        self.0.is_finished(Loc::caller())
    }

    /// As std's.
    #[must_use]
    pub fn thread(&self) -> &Thread {
        &self.0.thread
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct ScopeData {
    running: AtomicUsize,
    /// Its threads in the run.
    explored: StdMutex<Vec<Tid>>,
    /// Those that panicked and were not joined.
    panicked: AtomicUsize,
}

/// As [`std::thread::Scope`].
pub struct Scope<'scope, 'env: 'scope> {
    data: Arc<ScopeData>,
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

impl<'scope> Scope<'scope, '_> {
    /// As std's.
    ///
    /// # Panics
    /// When the operating system has no thread to give; in a check, no room for its stack.
    #[track_caller]
    pub fn spawn<F, T>(&'scope self, f: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let handle = start(Builder::new(), Loc::caller(), f, Some(self.data.clone()));
        ScopedJoinHandle(handle.expect("failed to spawn thread"), PhantomData)
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}

/// As [`std::thread::ScopedJoinHandle`].
pub struct ScopedJoinHandle<'scope, T>(Handle<T>, PhantomData<&'scope ()>);

// SAFETY: what it hands over may be sent: `spawn` asks for that.
unsafe impl<T> Send for ScopedJoinHandle<'_, T> {}
// SAFETY: as above; and through a shared reference nothing of it is had.
unsafe impl<T> Sync for ScopedJoinHandle<'_, T> {}

impl<T> ScopedJoinHandle<'_, T> {
    /// As std's.
    ///
    /// # Errors
    /// When the thread panicked: what it panicked with.
    #[track_caller]
    pub fn join(self) -> Result<T> {
        self.0.join(Loc::caller())
    }

    /// As std's.
    #[track_caller]
    pub fn is_finished(&self) -> bool {
        self.0.is_finished(Loc::caller())
    }

    /// As std's.
    #[must_use]
    pub fn thread(&self) -> &Thread {
        &self.0.thread
    }
}

impl<T> fmt::Debug for ScopedJoinHandle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedJoinHandle").finish_non_exhaustive()
    }
}

/// As std's.
///
/// # Panics
/// When a thread of the scope panicked that nobody joined.
#[track_caller]
pub fn scope<'env, F, T>(f: F) -> T
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    let loc = Loc::caller();
    let scope = Scope { data: Arc::default(), scope: PhantomData, env: PhantomData };
    let result = crate::panic::catch_unwind(AssertUnwindSafe(|| f(&scope)));
    if result.is_err() && exploring() {
        engine::will_panic();
    }
    let object = if exploring() { own_object() } else { 0 };
    let op = Op { verb: &JOIN_SCOPE, object, writes: false, loc };
    engine::step(op, &|| scope.data.running.load(Ordering::Acquire) == 0, || {
        if exploring() {
            // What they panicked with is passed on below.
            let all =
                ::std::mem::take(&mut *scope.data.explored.lock().unwrap_or_else(PoisonError::into_inner));
            world(|w| {
                let me = w.current;
                for tid in all {
                    let theirs = w.threads[tid].clock.clone();
                    w.threads[me].clock.join(&theirs);
                    w.threads[tid].joined = true;
                    w.joins(tid);
                }
            });
        }
    });
    if result.is_err() && exploring() {
        // From here on it is a panic like any other.
        world(|w| {
            let me = w.current;
            w.threads[me].panicked = None;
        });
    }
    match result {
        Ok(_) if scope.data.panicked.load(Ordering::Relaxed) > 0 => panic!("a scoped thread panicked"),
        Ok(value) => value,
        Err(panic) => crate::panic::resume_unwind(panic),
    }
}
