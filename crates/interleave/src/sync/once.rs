//! `Once`, `OnceLock` and `LazyLock`.

use crate::engine::{self, Loc, Need, ObjectId, Op, Tag, Uses, Verb, exploring};
use crate::report::words::{STEP, Words};
use crate::search::Use;
use ::std::cell::UnsafeCell;
use ::std::fmt;
use ::std::mem::ManuallyDrop;
use ::std::ops::{Deref, DerefMut};
use ::std::sync::OnceLock as StdOnceLock;
use ::std::sync::atomic::{AtomicU8, Ordering::Relaxed};

pub(crate) static INITIALISE: Verb = Verb {
    does: "comes to",
    uses: Uses::MayOnlyLook,
    words: &Words {
        wish: |name| format!("waits for {name} to be initialized"),
        why_never: |story, stuck, reason| story.why_not_initialised(stuck, reason),
        ..Words::USUAL
    },
    ..STEP
};
static INITIALISED: Verb = Verb { does: "has initialized", ..STEP };
static LOOK: Verb = Verb { does: "looks at", orders: false, ..STEP };

const NEW: u8 = 0;
const RUNNING: u8 = 1;
const DONE: u8 = 2;
const POISONED: u8 = 3;

/// As [`std::sync::Once`]; in a check, asking it is a step.
pub struct Once {
    tag: Tag,
    state: AtomicU8,
}

/// As [`std::sync::OnceState`].
#[derive(Debug)]
pub struct OnceState(bool);

impl OnceState {
    /// Whether an earlier attempt panicked.
    #[must_use]
    pub fn is_poisoned(&self) -> bool {
        self.0
    }
}

/// Leaves the state behind, also when the initialiser panics.
struct Finish<'a> {
    once: &'a Once,
    state: u8,
    object: ObjectId,
    loc: Loc,
}

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        let end = || {
            self.once.state.store(self.state, Relaxed);
            engine::set_level(self.object, self.state.into());
        };
        if exploring() {
            if engine::releases_are_steps() {
                let op = Op { verb: &INITIALISED, object: self.object, writes: true, loc: self.loc };
                engine::step(op, &|| true, || ());
            }
            engine::touch(self.object, true);
            end();
        } else {
            let op = Op { verb: &INITIALISE, object: 0, writes: true, loc: Loc::caller() };
            engine::step(op, &|| true, end);
        }
    }
}

impl Once {
    /// As std's.
    #[track_caller]
    #[must_use]
    pub const fn new() -> Self {
        Once { tag: Tag::new("Once"), state: AtomicU8::new(NEW) }
    }

    fn object(&self, reset: impl FnOnce()) -> ObjectId {
        let object = self.tag.object(|| {
            self.state.store(NEW, Relaxed);
            reset();
        });
        engine::set_level(object, self.state.load(Relaxed).into());
        object
    }

    fn run(&self, object: ObjectId, loc: Loc, force: bool, f: impl FnOnce(bool)) {
        let op = Op { verb: &INITIALISE, object, writes: true, loc };
        let is_free = |state, _| state != u64::from(RUNNING);
        let need = Need { object, how: Use::Read, is_met: is_free, than: 0 };
        let before =
            engine::step_when(op, [Some(need), None], &|| self.state.load(Relaxed) != RUNNING, || {
                let state = self.state.load(Relaxed);
                engine::note(|| {
                    Some(if state == DONE { super::INITIALISED } else { "the first, initializes it" }.into())
                });
                if state != DONE && (state != POISONED || force) {
                    self.state.store(RUNNING, Relaxed);
                    engine::changes(&op);
                    engine::set_level(object, RUNNING.into());
                }
                state
            });
        if before == DONE {
            return;
        }
        assert!(before != POISONED || force, "Once instance has previously been poisoned");
        let mut finish = Finish { once: self, state: POISONED, object, loc };
        f(before == POISONED);
        finish.state = DONE;
    }

    /// As std's.
    ///
    /// # Panics
    /// When an earlier attempt panicked.
    #[track_caller]
    pub fn call_once<F: FnOnce()>(&self, f: F) {
        self.run(self.object(|| ()), Loc::caller(), false, |_| f());
    }

    /// As std's.
    #[track_caller]
    pub fn call_once_force<F: FnOnce(&OnceState)>(&self, f: F) {
        self.run(self.object(|| ()), Loc::caller(), true, |poisoned| f(&OnceState(poisoned)));
    }

    /// As std's.
    #[track_caller]
    pub fn is_completed(&self) -> bool {
        self.look(self.object(|| ()), Loc::caller())
    }

    /// As std's.
    ///
    /// # Panics
    /// When the attempt that it waits for panicked.
    #[track_caller]
    pub fn wait(&self) {
        let state = self.wait_until(Loc::caller(), |state, _| state >= u64::from(DONE));
        assert!(state != POISONED, "Once instance has previously been poisoned");
    }

    /// As std's.
    #[track_caller]
    pub fn wait_force(&self) {
        self.wait_until(Loc::caller(), |state, _| state == u64::from(DONE));
    }

    fn wait_until(&self, loc: Loc, is_over: fn(u64, u64) -> bool) -> u8 {
        let object = self.object(|| ());
        let op = Op { verb: &LOOK, object, writes: false, loc };
        let need = Need { object, how: Use::Read, is_met: is_over, than: 0 };
        let state = || self.state.load(Relaxed);
        engine::step_when(op, [Some(need), None], &|| is_over(state().into(), 0), || {
            engine::touch(op.object, false);
            state()
        })
    }

    fn look(&self, object: ObjectId, loc: Loc) -> bool {
        engine::watch_releases();
        let op = Op { verb: &LOOK, object, writes: false, loc };
        engine::step(op, &|| true, || {
            let done = self.state.load(Relaxed) == DONE;
            engine::note(|| Some(if done { "set" } else { "not set" }.into()));
            if done {
                engine::touch(object, false);
            }
            engine::reads(&op, u64::from(done));
            done
        })
    }
}

/// As std's.
#[deprecated(note = "the `Once::new()` function is now preferred")]
#[expect(clippy::declare_interior_mutable_const, reason = "as in std")]
pub const ONCE_INIT: Once = Once::new();

impl Default for Once {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").finish_non_exhaustive()
    }
}

/// As [`std::sync::OnceLock`]; in a check, asking it is a step.
pub struct OnceLock<T> {
    once: Once,
    value: UnsafeCell<StdOnceLock<T>>,
}

// SAFETY: as std's; the cell itself is replaced between runs only, when nobody has a reference.
unsafe impl<T: Send + Sync> Sync for OnceLock<T> {}
// SAFETY: as std's.
unsafe impl<T: Send> Send for OnceLock<T> {}
impl<T> ::std::panic::RefUnwindSafe for OnceLock<T> {}
impl<T> ::std::panic::UnwindSafe for OnceLock<T> {}

impl<T> OnceLock<T> {
    /// As std's.
    #[track_caller]
    #[must_use]
    pub const fn new() -> Self {
        OnceLock { once: Once::new(), value: UnsafeCell::new(StdOnceLock::new()) }
    }

    fn value(&self) -> &StdOnceLock<T> {
        // SAFETY: it is written to by `object` alone, before anybody has a reference in this run.
        unsafe { &*self.value.get() }
    }

    fn object(&self) -> ObjectId {
        // SAFETY: nobody in this run has a reference yet; one of an earlier run may, so it is leaked.
        self.once.object(|| ::std::mem::forget(unsafe { ::std::mem::take(&mut *self.value.get()) }))
    }

    /// As std's.
    #[track_caller]
    pub fn get(&self) -> Option<&T> {
        let is_set = self.once.look(self.object(), Loc::caller());
        if is_set { self.value().get() } else { None }
    }

    /// As std's.
    ///
    /// # Errors
    /// When it is set already: `value`.
    #[track_caller]
    pub fn set(&self, value: T) -> Result<(), T> {
        let mut value = Some(value);
        let put = |_| {
            let _was_empty = value.take().map(|value| self.value().set(value));
        };
        self.once.run(self.object(), Loc::caller(), true, put);
        value.map_or(Ok(()), Err)
    }

    /// As std's.
    #[track_caller]
    pub fn get_or_init<F: FnOnce() -> T>(&self, f: F) -> &T {
        let put = |_| {
            let _was_empty = self.value().set(f());
        };
        self.once.run(self.object(), Loc::caller(), true, put);
        self.value().get().expect("it has been set")
    }

    /// As std's.
    #[track_caller]
    pub fn wait(&self) -> &T {
        self.object();
        self.once.wait_force();
        self.value().get().expect("it has been set")
    }

    /// As std's.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.value.get_mut().get_mut()
    }

    /// As std's.
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner().into_inner()
    }

    /// As std's.
    pub fn take(&mut self) -> Option<T> {
        self.once.state.store(NEW, Relaxed);
        self.value.get_mut().take()
    }
}

impl<T> Default for OnceLock<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl<T> From<T> for OnceLock<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        let this = OnceLock::new();
        let _was_empty = this.value().set(value);
        this.once.state.store(DONE, Relaxed);
        this
    }
}

impl<T: Clone> Clone for OnceLock<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        self.get().map_or_else(OnceLock::new, |value| OnceLock::from(value.clone()))
    }
}

impl<T: PartialEq> PartialEq for OnceLock<T> {
    #[track_caller]
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceLock<T> {}

impl<T: fmt::Debug> fmt::Debug for OnceLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

/// As [`std::sync::LazyLock`]; in a check, asking it is a step.
pub struct LazyLock<T, F = fn() -> T> {
    cell: OnceLock<T>,
    /// Called in every run anew, if it may be: a `static`'s owns nothing.
    init: ManuallyDrop<F>,
}

// SAFETY: as std's.
unsafe impl<T: Send + Sync, F: Send> Sync for LazyLock<T, F> {}

impl<T, F: FnOnce() -> T> LazyLock<T, F> {
    /// As std's.
    #[track_caller]
    pub const fn new(f: F) -> Self {
        LazyLock { cell: OnceLock::new(), init: ManuallyDrop::new(f) }
    }

    /// As std's.
    ///
    /// # Panics
    /// When the initialiser panicked before.
    #[track_caller]
    pub fn force(this: &Self) -> &T {
        Self::forced(this, Loc::caller())
    }

    fn forced(this: &Self, loc: Loc) -> &T {
        let was_used = this.cell.once.state.load(Relaxed) != NEW;
        let seen = this.cell.once.tag.run();
        let object = this.cell.object();
        if ::std::mem::needs_drop::<F>() && was_used && seen != this.cell.once.tag.run() {
            engine::refuse_to_outlive(&this.cell.once.tag);
        }
        let put = |_| {
            // SAFETY: once a run; and what owns something is not used in a second one.
            let init = unsafe { ::std::ptr::read(&raw const *this.init) };
            let _was_empty = this.cell.value().set(init());
        };
        this.cell.once.run(object, loc, false, put);
        this.cell.value().get().expect("it has been set")
    }
}

impl<T, F: FnOnce() -> T> LazyLock<T, F> {
    /// As std's.
    ///
    /// # Panics
    /// When the initialiser panicked before.
    #[track_caller]
    pub fn force_mut(this: &mut Self) -> &mut T {
        Self::force(this);
        this.cell.get_mut().expect("it has just been forced")
    }
}

impl<T, F> LazyLock<T, F> {
    /// As std's.
    #[track_caller]
    pub fn get(this: &Self) -> Option<&T> {
        this.cell.get()
    }

    /// As std's.
    pub fn get_mut(this: &mut Self) -> Option<&mut T> {
        this.cell.get_mut()
    }
}

impl<T, F: FnOnce() -> T> DerefMut for LazyLock<T, F> {
    #[track_caller]
    fn deref_mut(&mut self) -> &mut T {
        Self::force_mut(self)
    }
}

impl<T, F> Drop for LazyLock<T, F> {
    fn drop(&mut self) {
        if self.cell.once.state.load(Relaxed) == NEW {
            // SAFETY: nobody has called it, and nobody can any more.
            unsafe { ManuallyDrop::drop(&mut self.init) };
        }
    }
}

impl<T, F: FnOnce() -> T> Deref for LazyLock<T, F> {
    type Target = T;
    #[track_caller]
    fn deref(&self) -> &T {
        Self::force(self)
    }
}

impl<T: Default> Default for LazyLock<T> {
    #[track_caller]
    fn default() -> Self {
        LazyLock::new(T::default)
    }
}

impl<T: fmt::Debug, F> fmt::Debug for LazyLock<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cell.value().get() {
            Some(value) => f.debug_tuple("LazyLock").field(value).finish(),
            None => f.write_str("LazyLock(<uninit>)"),
        }
    }
}
