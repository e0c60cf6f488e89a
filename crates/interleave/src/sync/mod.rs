//! `std::sync`, explored.
//!
//! What needs no exploring is std's, and listed here one by one: a type that std gains later is then an unresolved import, and not a
//! hole in what is explored.

pub use ::std::sync::{Arc, LockResult, PoisonError, TryLockError, TryLockResult, Weak};

pub mod atomic;
mod barrier;
pub(crate) mod condvar;
pub(crate) mod lock;
pub mod mpsc;
pub(crate) mod once;

pub use barrier::{Barrier, BarrierWaitResult};
pub use condvar::{Condvar, WaitTimeoutResult};
pub use lock::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
#[allow(deprecated)]
pub use once::ONCE_INIT;
pub use once::{LazyLock, Once, OnceLock, OnceState};

/// What a notification finds when it comes too early.
pub(crate) const NOBODY: &str = "nobody is waiting: the notification is lost";

/// What comes to a `Once` finds that is done.
pub(crate) const INITIALISED: &str = "initialized already";

/// The value, if it is of a type whose name says all.
pub(crate) fn show<T: ?Sized>(value: &T) -> Option<String> {
    // SAFETY: the name and the place are those of one value.
    unsafe { show_by_name(::std::any::type_name::<T>(), ::std::ptr::from_ref(value).cast()) }
}

/// In one place for all types, so that each use costs a call and not a copy of this.
///
/// # Safety
/// A value of the type that has this name is at this place.
unsafe fn show_by_name(name: &str, at: *const u8) -> Option<String> {
    /// Compares the name with each type's own, and prints by the one that fits.
    macro_rules! first_of {
        ($($t:ty),* $(,)?) => {
            $(if name == ::std::any::type_name::<$t>() {
                // SAFETY: types of std and primitive ones are alone in having their names.
                return Some(text(unsafe { &*at.cast::<$t>() }));
            })*
        };
    }
    fn text(value: &dyn ::std::fmt::Debug) -> String {
        format!("{value:?}")
    }
    first_of!(
        i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, bool, char, f32, f64, &str, String
    );
    first_of!(Vec<i32>, Vec<i64>, Vec<u32>, Vec<u64>, Vec<usize>, Vec<bool>, Vec<String>);
    first_of!(::std::collections::VecDeque<u32>, ::std::collections::VecDeque<i32>, [i64; 2], [i32; 2]);
    first_of!(Option<u32>, Option<i32>, Option<u64>, Option<usize>, Option<bool>, Option<String>);
    first_of!((usize, usize), (u32, u32), (bool, usize), (usize, bool), (usize, u64));
    None
}
