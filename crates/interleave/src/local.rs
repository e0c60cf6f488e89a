//! Thread-local values. The threads of an exploration share an OS thread, so theirs are kept here.

use crate::engine::{LocalValue, exploring, world};
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
            let value = slot.value.as_deref().and_then(|value| value.downcast_ref::<T>());
            Some(value.map(::std::ptr::from_ref).ok_or(AccessError))
        })
    }

    fn put(&'static self, value: T) {
        let slot = LocalValue { key: self.key(), value: Some(Box::new(value)) };
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

/// Destroys the running thread's values, in the order in which they were made; a destructor may make new ones.
pub(crate) fn destroy() {
    let next = || {
        world(|w| {
            let slots = &mut w.threads[w.current].locals;
            slots.iter_mut().find_map(|slot| slot.value.take())
        })
    };
    while let Some(value) = next() {
        drop(value);
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
