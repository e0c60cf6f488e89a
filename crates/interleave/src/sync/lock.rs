//! `Mutex` and `RwLock`.

use super::show;
use crate::engine::{self, Event, Happening, Loc, Need, ObjectId, Op, Tag, Uses, Verb, exploring, world};
use crate::report::words::{STEP, Words};
use crate::search::Use;
use ::std::cell::UnsafeCell;
use ::std::collections::HashMap;
use ::std::fmt;
use ::std::marker::PhantomData;
use ::std::mem::ManuallyDrop;
use ::std::ops::{Deref, DerefMut};
use ::std::ptr::NonNull;
use ::std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};
use ::std::sync::{LockResult, Mutex as StdMutex, PoisonError, TryLockError, TryLockResult};

pub(crate) static LOCK: Verb = Verb { does: "locks", words: &LOCKS, ..STEP };
/// A thread that has waited on a condition variable locks the mutex again.
pub(crate) static RELOCK: Verb = Verb { does: "locks", words: &LOCKS, ..STEP };
pub(crate) static READ_LOCK: Verb = Verb {
    does: "read-locks",
    uses: Uses::Shares,
    words: &Words {
        in_report: |story, i| story.acquires(i, "read-locks"),
        wish: |name| format!("waits to read-lock {name}"),
        why_never: |story, stuck, reason| story.which_writer(stuck, reason),
        ..LOCKS
    },
    ..STEP
};
pub(crate) static WRITE_LOCK: Verb = Verb {
    does: "write-locks",
    words: &Words {
        in_report: |story, i| story.acquires(i, "write-locks"),
        wish: |name| format!("waits to write-lock {name}"),
        ..LOCKS
    },
    ..STEP
};
static TRY_LOCK: Verb = Verb { does: "tries to lock", ..TRY };
static TRY_READ_LOCK: Verb = Verb { does: "tries to read-lock", ..TRY };
static TRY_WRITE_LOCK: Verb = Verb { does: "tries to write-lock", ..TRY };
pub(crate) static UNLOCK: Verb = Verb {
    does: "unlocks",
    words: &Words { in_report: |story, i| story.unlocks_at(i), ..Words::USUAL },
    ..STEP
};
static DOWNGRADE: Verb = Verb { does: "downgrades its lock on", ..STEP };
static LOOK_POISONED: Verb = Verb {
    does: "looks whether it is poisoned",
    orders: false,
    words: &Words {
        effect: |step| Some(format!("looks whether {} is poisoned{}", step.name, step.change())),
        ..Words::USUAL
    },
    ..STEP
};
static CLEAR_POISON: Verb = Verb { does: "clears the poison of", ..STEP };

const LOCKS: Words = Words {
    in_report: |story, i| story.acquires(i, "locks"),
    wish: |name| match name.starts_with("the ") {
        true => format!("waits for {name}"),
        false => format!("waits for the lock {name}"),
    },
    acquires: true,
    ..Words::USUAL
};

/// To find a lock taken orders nothing.
const TRY: Verb = Verb {
    uses: Uses::MayOnlyLook,
    orders: false,
    words: &Words {
        // Its value when it was released is not what the step found.
        in_report: |story, i| {
            story.names.effect(&Event { after: None, ..story.w.log[i].clone() }).unwrap_or_default()
        },
        tries: true,
        ..Words::USUAL
    },
    ..STEP
};

/// What a thread finds that tries to lock.
pub(crate) const FREE: &str = "free";

/// What `Mutex` and `RwLock` share. Only the holder of a lock touches it, inside an exploration because one
/// thread runs at a time, outside of one because `engine::step` takes turns.
struct Lock {
    tag: Tag,
    /// -1 is a writer, n > 0 are readers.
    state: AtomicI64,
    poisoned: AtomicBool,
    /// Threads that have come to take it for writing and do not have it yet: an object of its own.
    writers_waiting: AtomicI64,
    door: Tag,
}

/// The level of a lock that is held for writing; else it is the number of those who hold it.
const EXCLUSIVE: u64 = u64::MAX;

/// What it takes to get the lock.
fn need(object: ObjectId, write: bool) -> Need {
    let is_free: fn(u64, u64) -> bool =
        if write { |level, _| level == 0 } else { |level, _| level != EXCLUSIVE };
    Need { object, how: usage(write), is_met: is_free, than: 0 }
}

/// Readers come and go in any order.
fn usage(write: bool) -> Use {
    if write { Use::Write } else { Use::Share }
}

/// A lock that is held: the object, and where in the log it was taken.
#[derive(Clone, Copy)]
struct Held {
    object: ObjectId,
    event: usize,
    /// There was a `&mut` to the value.
    written: bool,
}

impl Lock {
    #[track_caller]
    const fn new(kind: &'static str) -> Self {
        let (state, poisoned) = (AtomicI64::new(0), AtomicBool::new(false));
        Lock {
            tag: Tag::new(kind),
            state,
            poisoned,
            writers_waiting: AtomicI64::new(0),
            door: Tag::new("door"),
        }
    }

    fn is_free(&self, write: bool) -> bool {
        let state = self.state.load(Relaxed);
        state == 0 || (state > 0 && !write)
    }

    fn take(&self, write: bool, object: ObjectId, loc: Loc) -> Held {
        self.state.fetch_add(if write { -1 } else { 1 }, Relaxed);
        if !exploring() {
            return Held { object, event: 0, written: false };
        }
        world(|w| {
            let (me, event) = (w.current, w.log.len() - 1);
            let loc = w.log[event].loc.unwrap_or(loc);
            w.objects[object as usize].holders.push((me, loc));
            w.set_level(object, self.level());
            Held { object, event, written: false }
        })
    }

    fn level(&self) -> u64 {
        u64::try_from(self.state.load(Relaxed)).unwrap_or(EXCLUSIVE)
    }

    fn door(&self) -> ObjectId {
        self.door.object(|| ())
    }

    /// Lets go, as a part of the step that is under way.
    fn give_now(&self, write: bool, object: ObjectId) {
        if exploring() {
            world(|w| {
                let me = w.current;
                let holders = &mut w.objects[object as usize].holders;
                if let Some(i) = holders.iter().position(|h| h.0 == me) {
                    holders.remove(i);
                }
                w.use_object(object, usage(write));
            });
        }
        self.state.fetch_add(if write { 1 } else { -1 }, Relaxed);
        engine::set_level(object, self.level());
    }

    fn give(&self, write: bool, object: ObjectId) {
        let op = Op { verb: &UNLOCK, object, writes: true, loc: Loc::caller() };
        if !exploring() {
            return engine::step(op, &|| true, || self.give_now(write, object));
        }
        if engine::releases_are_steps() {
            // A guard does not know where it is dropped; where it was made is the best there is.
            let since = world(|w| {
                let me = w.current;
                w.objects[object as usize].holders.iter().find(|h| h.0 == me).map(|h| h.1)
            });
            engine::step(Op { loc: since.unwrap_or(op.loc), ..op }, &|| true, || ());
        }
        self.give_now(write, object);
    }

    /// A writer becomes a reader, and lets other readers in.
    fn downgrade(&self, object: ObjectId, loc: Loc) {
        let op = Op { verb: &DOWNGRADE, object, writes: true, loc };
        let downgraded = || {
            self.state.store(1, Relaxed);
            engine::set_level(object, self.level());
        };
        if !exploring() {
            return engine::step(op, &|| true, downgraded);
        }
        if engine::releases_are_steps() {
            engine::step(op, &|| true, || ());
        }
        engine::touch(object, true);
        downgraded();
    }

    /// The value is what the lock is for.
    fn before_unlock<T: ?Sized>(&self, value: &T, write: bool, held: Held, was_panicking: bool) {
        if write && !was_panicking && crate::thread::panicking() {
            self.poisoned.store(true, Relaxed);
        }
        if engine::recording() {
            let after = show(value);
            world(|w| {
                w.objects[held.object as usize].value.clone_from(&after);
                if let Some(event) = w.log.get_mut(held.event).filter(|e| e.before.is_some()) {
                    event.after.clone_from(&after);
                }
            });
            let Held { object, event: since, written } = held;
            engine::aside_of_step(object, Happening::Unlocks { since, value: after, written });
        }
    }

    fn poison<G>(&self, guard: G) -> LockResult<G> {
        if self.poisoned.load(Relaxed) { Err(PoisonError::new(guard)) } else { Ok(guard) }
    }
}

/// What a `static` holds at first, by its address: it starts every run with that again.
static FIRST_VALUES: StdMutex<Option<HashMap<usize, Box<[Byte]>>>> = StdMutex::new(None);

/// A byte that may be padding.
type Byte = ::std::mem::MaybeUninit<u8>;

struct Cell<T: ?Sized> {
    lock: Lock,
    data: UnsafeCell<T>,
}

impl<T: ?Sized> Cell<T> {
    fn object(&self) -> ObjectId {
        let fresh = self.lock.tag.is_fresh();
        let object = self.lock.tag.object(|| {
            self.lock.state.store(0, Relaxed);
            self.lock.poisoned.store(false, Relaxed);
            self.lock.writers_waiting.store(0, Relaxed);
            self.restore_first_value();
        });
        if fresh && exploring() {
            self.keep_first_value();
        }
        object
    }

    /// The value's bytes may be copied: it owns nothing, or it is the constant of a `static`.
    fn is_plain(&self) -> bool {
        !::std::mem::needs_drop::<T>() || is_static(self.data.get().cast())
    }

    /// How many bytes the value takes, and where.
    fn bytes(&self) -> (*mut Byte, usize) {
        let at = self.data.get();
        // SAFETY: nobody has locked it yet in this run, and only the size is asked for.
        (at.cast(), size_of_val(unsafe { &*at }))
    }

    fn keep_first_value(&self) {
        let (at, size) = self.bytes();
        if size > 0 && self.is_plain() {
            // SAFETY: these are the value's own bytes, and nobody writes to them: nobody has locked it.
            let bytes = unsafe { ::std::slice::from_raw_parts(at, size) };
            let mut first = FIRST_VALUES.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert_default().insert(at as usize, bytes.into());
        }
    }

    fn restore_first_value(&self) {
        let (at, size) = self.bytes();
        if size == 0 {
            return;
        }
        let first = FIRST_VALUES.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = first.as_ref().and_then(|first| first.get(&(at as usize)));
        match bytes.filter(|bytes| bytes.len() == size && self.is_plain()) {
            // SAFETY: these bytes were a value of this type at this place; what they replace is leaked.
            Some(bytes) => unsafe { ::std::ptr::copy_nonoverlapping(bytes.as_ptr(), at, size) },
            None => {
                drop(first);
                engine::refuse_to_outlive(&self.lock.tag);
            }
        }
    }

    fn lock(&self, verb: &'static Verb, write: bool, loc: Loc) -> Held {
        let object = self.object();
        let op = Op { verb, object, writes: write, loc };
        // A writer who waits may keep new readers out, std says. For one who reads already and asks again, that is for ever.
        // Others come later, unless a reader waits for one of them: that std keeps it out is a fault that may happen.
        let is_reader = || world(|w| w.objects[object as usize].holders.iter().any(|h| h.0 == w.current));
        let kept_out = !write && exploring() && (is_reader() || self.is_kept_out());
        let counts = verb == &WRITE_LOCK && exploring();
        if counts {
            engine::use_object(self.lock.door(), Use::Share);
            let waiting = self.lock.writers_waiting.fetch_add(1, Relaxed) + 1;
            engine::set_level(self.lock.door(), waiting as u64);
        }
        let is_free =
            || self.lock.is_free(write) && !(kept_out && self.lock.writers_waiting.load(Relaxed) > 0);
        let door = kept_out.then(|| Need {
            object: self.lock.door(),
            how: Use::Read,
            is_met: |waiting, _| waiting == 0,
            than: 0,
        });
        engine::step_when(op, [Some(need(object, write)), door], &is_free, || {
            if counts {
                engine::use_object(self.lock.door(), Use::Share);
                let waiting = self.lock.writers_waiting.fetch_sub(1, Relaxed) - 1;
                engine::set_level(self.lock.door(), waiting as u64);
            }
            engine::reads(&op, 0);
            let held = self.lock.take(write, object, loc);
            // SAFETY: the lock is held.
            engine::note(|| show(unsafe { &*self.data.get() }));
            held
        })
    }

    fn is_kept_out(&self) -> bool {
        engine::touch(self.lock.door(), false);
        self.lock.writers_waiting.load(Relaxed) > 0 && engine::fails_for_no_reason()
    }

    fn try_lock(&self, verb: &'static Verb, write: bool, loc: Loc) -> Option<Held> {
        engine::watch_releases();
        let object = self.object();
        let op = Op { verb, object, writes: true, loc };
        engine::step(op, &|| true, || {
            let free = self.lock.is_free(write);
            engine::note(|| Some(if free { FREE } else { "taken" }.into()));
            if !free {
                engine::reads(&op, 0);
                return None;
            }
            engine::use_object(object, usage(write));
            Some(self.lock.take(write, object, loc))
        })
    }

    fn is_poisoned(&self, loc: Loc) -> bool {
        if exploring() {
            engine::watch_releases();
            let op = Op { verb: &LOOK_POISONED, object: self.object(), writes: false, loc };
            engine::step(op, &|| true, || ());
        }
        self.lock.poisoned.load(Relaxed)
    }
}

/// Whether a place is that of a `static`, as the linker laid it out.
#[cfg(target_os = "linux")]
fn is_static(at: *const u8) -> bool {
    unsafe extern "C" {
        static __data_start: u8;
        static _end: u8;
    }
    (&raw const __data_start..&raw const _end).contains(&at)
}

/// Elsewhere nobody tells; a `static` lock whose value owns something is then refused.
#[cfg(not(target_os = "linux"))]
fn is_static(_: *const u8) -> bool {
    false
}

macro_rules! guard {
    ($(#[$doc:meta])* $guard:ident, $of:ty, $owner:ident, $write:expr) => {
        $(#[$doc])*
        #[must_use = "if unused the lock is released at once"]
        pub struct $guard<'a, T: ?Sized + 'a> {
            value: NonNull<T>,
            lock: &'a Lock,
            /// Decides for which lifetimes of what is in `T` it may stand, as std's does.
            of: $of,
            held: Held,
            was_panicking: bool,
            /// A guard stays with its thread, as std's does.
            _not_send: PhantomData<*const ()>,
        }

        // SAFETY: through a shared guard only a shared reference to the value is had.
        unsafe impl<T: ?Sized + Sync> Sync for $guard<'_, T> {}

        impl<'a, T: ?Sized> $guard<'a, T> {
            fn new(owner: &'a $owner<T>, of: $of, held: Held) -> Self {
                let Cell { lock, data } = &owner.0;
                // SAFETY: a cell is somewhere.
                let value = unsafe { NonNull::new_unchecked(data.get()) };
                $guard { value, lock, of, held, was_panicking: crate::thread::panicking(), _not_send: PhantomData }
            }
        }

        impl<T: ?Sized> Drop for $guard<'_, T> {
            fn drop(&mut self) {
                self.lock.before_unlock(&**self, $write, self.held, self.was_panicking);
                self.lock.give($write, self.held.object);
            }
        }

        impl<T: ?Sized> Deref for $guard<'_, T> {
            type Target = T;
            fn deref(&self) -> &T {
                // SAFETY: the lock is held.
                unsafe { self.value.as_ref() }
            }
        }

        impl<T: ?Sized + fmt::Debug> fmt::Debug for $guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<T: ?Sized + fmt::Display> fmt::Display for $guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }
    };
}

macro_rules! owner {
    ($owner:ident, $kind:literal) => {
        impl<T> $owner<T> {
            /// As std's.
            #[track_caller]
            pub const fn new(value: T) -> Self {
                $owner(Cell { lock: Lock::new($kind), data: UnsafeCell::new(value) })
            }

            /// As std's.
            ///
            /// # Errors
            /// When it is poisoned; the value is in the error.
            pub fn into_inner(self) -> LockResult<T> {
                let poisoned = self.0.lock.poisoned.load(Relaxed);
                let value = self.0.data.into_inner();
                if poisoned { Err(PoisonError::new(value)) } else { Ok(value) }
            }
        }

        impl<T: ?Sized> $owner<T> {
            /// As std's.
            ///
            /// # Errors
            /// When it is poisoned; the value is in the error.
            pub fn get_mut(&mut self) -> LockResult<&mut T> {
                let poisoned = self.0.lock.poisoned.load(Relaxed);
                let value = self.0.data.get_mut();
                if poisoned { Err(PoisonError::new(value)) } else { Ok(value) }
            }

            /// As std's.
            #[track_caller]
            pub fn is_poisoned(&self) -> bool {
                self.0.is_poisoned(Loc::caller())
            }

            /// As std's.
            #[track_caller]
            pub fn clear_poison(&self) {
                let (verb, loc) = (&CLEAR_POISON, Loc::caller());
                let op = Op { verb, object: self.0.object(), writes: true, loc };
                engine::step(op, &|| true, || self.0.lock.poisoned.store(false, Relaxed));
            }
        }

        impl<T: Default> Default for $owner<T> {
            #[track_caller]
            fn default() -> Self {
                Self::new(T::default())
            }
        }

        impl<T> From<T> for $owner<T> {
            #[track_caller]
            fn from(value: T) -> Self {
                Self::new(value)
            }
        }

        impl<T: ?Sized + fmt::Debug> fmt::Debug for $owner<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut d = f.debug_struct(stringify!($owner));
                match self.try_to_show() {
                    Ok(guard) => d.field("data", &&*guard),
                    Err(TryLockError::Poisoned(e)) => d.field("data", &&**e.get_ref()),
                    Err(TryLockError::WouldBlock) => d.field("data", &format_args!("<locked>")),
                };
                d.field("poisoned", &self.0.lock.poisoned.load(Relaxed)).finish_non_exhaustive()
            }
        }

        impl<T: ?Sized> ::std::panic::UnwindSafe for $owner<T> {}
        impl<T: ?Sized> ::std::panic::RefUnwindSafe for $owner<T> {}

        // SAFETY: it is a lock: it goes where its value may go.
        unsafe impl<T: ?Sized + Send> Send for $owner<T> {}
    };
}

/// As [`std::sync::Mutex`]; in a check, taking it is a step.
pub struct Mutex<T: ?Sized>(Cell<T>);
// SAFETY: only the holder of the lock reaches the value.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}
owner!(Mutex, "Mutex");
guard!(
    /// The lock on a [`Mutex`]; dropping it unlocks.
    MutexGuard,
    &'a Mutex<T>,
    Mutex,
    true
);

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.held.written = true;
        // SAFETY: the lock is held, by this guard alone.
        unsafe { self.value.as_mut() }
    }
}

impl<T: ?Sized> Mutex<T> {
    /// As std's.
    ///
    /// # Errors
    /// When it is poisoned; the guard is in the error.
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let held = self.0.lock(&LOCK, true, Loc::caller());
        self.0.lock.poison(MutexGuard::new(self, self, held))
    }

    /// As std's.
    ///
    /// # Errors
    /// When it is locked or poisoned.
    #[track_caller]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        match self.0.try_lock(&TRY_LOCK, true, Loc::caller()) {
            Some(held) => Ok(self.0.lock.poison(MutexGuard::new(self, self, held))?),
            None => Err(TryLockError::WouldBlock),
        }
    }

    #[track_caller]
    fn try_to_show(&self) -> TryLockResult<MutexGuard<'_, T>> {
        self.try_lock()
    }

    pub(crate) fn is_free(&self) -> bool {
        self.0.lock.is_free(true)
    }

    pub(crate) fn need(&self) -> Need {
        need(self.0.object(), true)
    }

    pub(crate) fn object(&self) -> ObjectId {
        self.0.object()
    }

    /// For `Condvar`: takes it when it is free and nobody else runs.
    pub(crate) fn retake(&self, loc: Loc) -> LockResult<MutexGuard<'_, T>> {
        let object = self.0.object();
        let held = self.0.lock.take(true, object, loc);
        engine::touch(object, true);
        if engine::recording() {
            // SAFETY: the lock is held.
            let value = show(unsafe { &*self.0.data.get() });
            world(|w| {
                if let Some(e) = w.log.last_mut() {
                    e.before = value;
                }
            });
        }
        self.0.lock.poison(MutexGuard::new(self, self, held))
    }
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// For `Condvar`: what it locks.
    pub(crate) fn mutex(this: &Self) -> &'a Mutex<T> {
        this.of
    }

    /// For `Condvar`: the value, for a condition that seldom changes it.
    pub(crate) fn value(this: &mut Self) -> &mut T {
        // SAFETY: the lock is held, by this guard alone.
        unsafe { this.value.as_mut() }
    }

    /// For `Condvar`: lets go, as a part of the step that is under way, and says of what.
    pub(crate) fn release_now(this: Self) -> &'a Mutex<T> {
        let this = ManuallyDrop::new(this);
        this.lock.before_unlock(&**this, true, this.held, this.was_panicking);
        this.lock.give_now(true, this.held.object);
        this.of
    }
}

/// As [`std::sync::RwLock`]; in a check, taking it is a step.
///
/// A reader may overtake a waiting writer: std promises neither order.
pub struct RwLock<T: ?Sized>(Cell<T>);
// SAFETY: readers share the value, and a writer has it alone.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLock<T> {}
owner!(RwLock, "RwLock");
guard!(
    /// A read lock on an [`RwLock`]; dropping it unlocks.
    RwLockReadGuard,
    PhantomData<&'a T>,
    RwLock,
    false
);
guard!(
    /// A write lock on an [`RwLock`]; dropping it unlocks.
    RwLockWriteGuard,
    &'a RwLock<T>,
    RwLock,
    true
);

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.held.written = true;
        // SAFETY: the lock is held, by this guard alone.
        unsafe { self.value.as_mut() }
    }
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// As std's; in a check, it is a part of the step before it, like unlocking.
    #[track_caller]
    pub fn downgrade(s: Self) -> RwLockReadGuard<'a, T> {
        let this = ManuallyDrop::new(s);
        this.lock.before_unlock(&**this, true, this.held, this.was_panicking);
        this.lock.downgrade(this.held.object, Loc::caller());
        RwLockReadGuard::new(this.of, PhantomData, this.held)
    }
}

impl<T: ?Sized> RwLock<T> {
    /// As std's.
    ///
    /// # Errors
    /// When it is poisoned; the guard is in the error.
    #[track_caller]
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        let held = self.0.lock(&READ_LOCK, false, Loc::caller());
        self.0.lock.poison(RwLockReadGuard::new(self, PhantomData, held))
    }

    /// As std's.
    ///
    /// # Errors
    /// When it is poisoned; the guard is in the error.
    #[track_caller]
    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        let held = self.0.lock(&WRITE_LOCK, true, Loc::caller());
        self.0.lock.poison(RwLockWriteGuard::new(self, self, held))
    }

    /// As std's.
    ///
    /// # Errors
    /// When it is write-locked or poisoned.
    #[track_caller]
    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        match self.0.try_lock(&TRY_READ_LOCK, false, Loc::caller()) {
            Some(held) => Ok(self.0.lock.poison(RwLockReadGuard::new(self, PhantomData, held))?),
            None => Err(TryLockError::WouldBlock),
        }
    }

    /// As std's.
    ///
    /// # Errors
    /// When it is locked or poisoned.
    #[track_caller]
    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T>> {
        match self.0.try_lock(&TRY_WRITE_LOCK, true, Loc::caller()) {
            Some(held) => Ok(self.0.lock.poison(RwLockWriteGuard::new(self, self, held))?),
            None => Err(TryLockError::WouldBlock),
        }
    }

    #[track_caller]
    fn try_to_show(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        self.try_read()
    }
}
