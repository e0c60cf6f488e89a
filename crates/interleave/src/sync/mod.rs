//! `std::sync`, explored.
//!
//! What has no entry of its own here is std's: `Arc`, `Weak`, `PoisonError` and their like.

pub use ::std::sync::*;

pub mod atomic;
mod barrier;
mod condvar;
mod lock;
pub mod mpsc;
mod once;

pub use barrier::{Barrier, BarrierWaitResult};
pub use condvar::{Condvar, WaitTimeoutResult};
pub use lock::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
pub use once::{LazyLock, Once, OnceLock, OnceState};

/// The kind of object whose orderings, not whose use, say what is known to whom.
pub(crate) const ATOMIC: &str = "atomic";

/// What a notification finds when it comes too early.
pub(crate) const NOBODY: &str = "nobody is waiting: the notification is lost";

/// The value, if it is of a type whose name says all.
pub(crate) fn show<T: ?Sized>(value: &T) -> Option<String> {
    let at = ::std::ptr::from_ref(value).cast::<u8>();
    let name = ::std::any::type_name::<T>();
    /// Compares the name with each type's own, and prints by the one that fits.
    macro_rules! first_of {
        ($($t:ty),* $(,)?) => {
            $(if name == ::std::any::type_name::<$t>() {
                // SAFETY: types of std and primitive ones are alone in having their names.
                return Some(format!("{:?}", unsafe { &*at.cast::<$t>() }));
            })*
        };
    }
    /// Each primitive alone, and in the containers that exercises keep them in.
    macro_rules! primitives {
        ($($t:ty),*) => {
            first_of!($($t, Option<$t>, Vec<$t>, ::std::collections::VecDeque<$t>, [$t; 2], ($t, $t)),*)
        };
    }
    primitives!(i64, u32, usize, bool, i32, u64);
    first_of!(i8, i16, i128, isize, u8, u16, u128, char, f32, f64, &str, String);
    first_of!(Option<String>, Vec<String>, (bool, usize), (usize, bool), (usize, u64));
    None
}
