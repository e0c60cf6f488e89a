//! Thread-local values. The threads of an exploration share an OS thread, so theirs are kept here.

use crate::engine::{LocalValue, Room, World, exploring, world};
use ::std::any::Any;
use ::std::cell::{Cell, RefCell};
use ::std::fmt;

/// As [`std::thread::LocalKey`].
pub struct LocalKey<T: 'static> {
    real: &'static ::std::thread::LocalKey<T>,
    init: fn() -> T,
}

/// As [`std::thread::AccessError`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccessError;

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("already destroyed")
    }
}

impl ::std::error::Error for AccessError {}

/// A place that a thread has left which ended before the running one did what it does now.
///
/// Outside of a check, too, only the threads of one moment have different addresses. That a thread ended before is what joins say,
/// and not which of two steps came first by chance: the search takes those for independent.
fn vacant_room(w: &mut World, key: usize) -> Option<Box<dyn Room>> {
    let now = w.threads[w.current].clock.clone();
    let mut ended = w.threads.iter_mut().rev().filter(|t| t.finished && t.clock.is_before(&now));
    ended.find_map(|t| t.locals.iter_mut().filter(|slot| slot.key == key).find_map(|slot| slot.vacant.take()))
}

impl<T: 'static> fmt::Debug for LocalKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKey").finish_non_exhaustive()
    }
}

impl<T: 'static> LocalKey<T> {
    #[doc(hidden)]
    pub const fn __new(real: &'static ::std::thread::LocalKey<T>, init: fn() -> T) -> Self {
        LocalKey { real, init }
    }

    fn key(&'static self) -> usize {
        ::std::ptr::from_ref(self) as usize
    }

    /// Where the running thread keeps its value: none yet, destroyed, or there.
    fn slot(&'static self) -> Option<Result<*const T, AccessError>> {
        world(|w| {
            let slots = &w.threads[w.current].locals;
            let slot = slots.iter().find(|slot| slot.key == self.key())?;
            let room = slot.value.as_deref().and_then(|room| (room as &dyn Any).downcast_ref::<Option<T>>());
            let value = room.and_then(Option::as_ref);
            Some(value.map(::std::ptr::from_ref).ok_or(AccessError))
        })
    }

    fn put(&'static self, value: T) {
        let mut room = world(|w| vacant_room(w, self.key())).unwrap_or_else(|| Box::new(None::<T>));
        *(&mut *room as &mut dyn Any).downcast_mut().expect("one key has values of one type") = Some(value);
        let slot = LocalValue { key: self.key(), value: Some(room), vacant: None };
        world(|w| w.threads[w.current].locals.push(slot));
    }

    /// As std's.
    ///
    /// # Errors
    /// When the thread is ending and has destroyed it.
    pub fn try_with<F: FnOnce(&T) -> R, R>(&'static self, f: F) -> Result<R, AccessError> {
        if !exploring() {
            return self.real.try_with(f).map_err(|_| AccessError);
        }
        if self.slot().is_none() {
            let value = (self.init)();
            self.put(value);
        }
        let value = self.slot().expect("it has just been put there")?;
        // SAFETY: the box does not move, and is dropped at the thread's end only, which `f` is not after.
        Ok(f(unsafe { &*value }))
    }

    /// As std's.
    ///
    /// # Panics
    /// When the thread is ending and has destroyed it.
    #[track_caller]
    pub fn with<F: FnOnce(&T) -> R, R>(&'static self, f: F) -> R {
        self.try_with(f).expect("cannot access a Thread Local Storage value during or after destruction")
    }

    /// Gives the value, or puts `value` there if it is the first.
    fn initialize_or(&'static self, value: T, otherwise: impl FnOnce(&T, T)) {
        if exploring() && self.slot().is_none() {
            return self.put(value);
        }
        self.with(|there| otherwise(there, value));
    }
}

impl<T: 'static> LocalKey<Cell<T>> {
    /// As std's.
    pub fn set(&'static self, value: T) {
        self.initialize_or(Cell::new(value), |there, value| there.set(value.into_inner()));
    }

    /// As std's.
    pub fn get(&'static self) -> T
    where
        T: Copy,
    {
        self.with(Cell::get)
    }

    /// As std's.
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.with(Cell::take)
    }

    /// As std's.
    pub fn replace(&'static self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }

    /// As std's.
    pub fn update(&'static self, f: impl FnOnce(T) -> T)
    where
        T: Copy,
    {
        self.with(|cell| cell.update(f));
    }
}

impl<T: 'static> LocalKey<RefCell<T>> {
    /// As std's.
    pub fn with_borrow<F: FnOnce(&T) -> R, R>(&'static self, f: F) -> R {
        self.with(|cell| f(&cell.borrow()))
    }

    /// As std's.
    pub fn with_borrow_mut<F: FnOnce(&mut T) -> R, R>(&'static self, f: F) -> R {
        self.with(|cell| f(&mut cell.borrow_mut()))
    }

    /// As std's.
    pub fn set(&'static self, value: T) {
        self.initialize_or(RefCell::new(value), |there, value| {
            there.replace(value.into_inner());
        });
    }

    /// As std's.
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.with(RefCell::take)
    }

    /// As std's.
    pub fn replace(&'static self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
}

/// Destroys the running thread's values, the last one made first, as std does on Linux; a destructor may make new ones.
pub(crate) fn destroy() {
    let next = || {
        world(|w| {
            let slots = w.threads[w.current].locals.iter_mut().enumerate().rev();
            slots.into_iter().find_map(|(place, slot)| Some((place, slot.value.take()?)))
        })
    };
    while let Some((place, mut room)) = next() {
        room.empty();
        world(|w| w.threads[w.current].locals[place].vacant = Some(room));
    }
}

/// As [`std::thread_local!`].
#[macro_export]
macro_rules! thread_local {
    () => {};
    ($(#[$attr:meta])* $vis:vis static $name:ident: $t:ty = const $init:block $(; $($rest:tt)*)?) => {
        $(#[$attr])* $vis static $name: $crate::thread::LocalKey<$t> = {
            $crate::real::thread_local!(static REAL: $t = const $init);
            $crate::thread::LocalKey::__new(&REAL, || const $init)
        };
        $($crate::thread_local! { $($rest)* })?
    };
    ($(#[$attr:meta])* $vis:vis static $name:ident: $t:ty = $init:expr $(; $($rest:tt)*)?) => {
        $(#[$attr])* $vis static $name: $crate::thread::LocalKey<$t> = {
            $crate::real::thread_local!(static REAL: $t = $init);
            $crate::thread::LocalKey::__new(&REAL, || $init)
        };
        $($crate::thread_local! { $($rest)* })?
    };
}
