//! `std::sync::atomic`, explored, with the orderings that C++20 gives them.
//!
//! A load may return an older value as long as nothing orders it after the newer store: the orderings decide what is ordered.
//! One simplification keeps it finite: the order of execution is also the modification order of each atomic and the single
//! total order of all `SeqCst` operations, and a load never returns what is stored later. A store becomes visible in the
//! end: a loop that reads the same place again gets the newest value.
//!
//! # `SeqCst`
//! C++20 (\[atomics.order\]) asks for one total order S of all `SeqCst` operations and fences, consistent with what each of them
//! sees. Here S is the order of execution, so a load may not read an older value if that would put it, or a fence before it, in
//! front of a `SeqCst` operation that was executed earlier. A store is *settled* by the first operation in S that sees it: by
//! itself if it is `SeqCst`, by a `SeqCst` load that reads it, or by a `SeqCst` fence after which it, or a load that read it,
//! happened before. A `SeqCst` load sees every settled store, and any load sees the stores that were settled before the last
//! `SeqCst` fence that happens before the load. None of this makes one thing happen before another: data that is
//! not atomic gets no protection from it.

pub use ::std::sync::atomic::{Ordering, compiler_fence};

use super::show;
use crate::engine::memory::{self, Bits};
use crate::engine::{self, ATOMIC, FENCES, Loc, Op, Tag, Uses, Verb, exploring};
use crate::report::story::{bare, is_old};
use crate::report::words::{STEP, Words};
use ::std::cell::UnsafeCell;
use ::std::collections::HashMap;
use ::std::fmt;
use ::std::ops;
use ::std::ptr;
use ::std::sync::{Mutex as StdMutex, PoisonError};
use Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};

pub(crate) static LOAD: Verb = Verb {
    does: "loads",
    words: &Words {
        in_report: |story, i| {
            let e = &story.w.log[i];
            if !is_old(e) {
                return story.plain_effect(i);
            }
            let value = bare(e.before.as_deref().unwrap_or_default());
            format!("loads {}: {value}, an old value", story.names.of(e.object))
        },
        loads: true,
        ..Words::USUAL
    },
    ..STEP
};
static STORE: Verb = Verb {
    does: "stores",
    words: &Words {
        effect: |step| {
            Some(match (step.event.before.as_deref(), step.event.after.as_deref()) {
                (Some(old), Some(new)) => format!("stores {}: {old} → {new}", step.name),
                _ => format!("stores {}", step.name),
            })
        },
        in_report: |story, i| {
            let e = &story.w.log[i];
            let name = story.names.of(e.object);
            match (e.before.as_deref(), e.after.as_deref()) {
                (Some(old), Some(new)) => format!("stores {name}: {}", story.over(i, old, new)),
                _ => format!("stores {name}"),
            }
        },
        stores: true,
        ..Words::USUAL
    },
    ..STEP
};
pub(crate) static FENCE: Verb =
    Verb { does: "fences", words: &Words { effect: |_| Some("fences".into()), ..Words::USUAL }, ..STEP };

static SWAP: Verb = modifies("swaps");
static COMPARE_EXCHANGE: Verb = modifies("compares and exchanges");
static ADD: Verb = modifies("adds to");
static SUB: Verb = modifies("subtracts from");
static AND: Verb = modifies("ands");
static NAND: Verb = modifies("nands");
static OR: Verb = modifies("ors");
static XOR: Verb = modifies("xors");
static NOT: Verb = modifies("negates");
static MAX: Verb = modifies("maximises");
static MIN: Verb = modifies("minimises");

/// A read-modify-write.
const fn modifies(does: &'static str) -> Verb {
    const BOTH: Words = Words { loads: true, stores: true, ..Words::USUAL };
    Verb { does, uses: Uses::MayOnlyLook, words: &BOTH, ..STEP }
}

/// What all atomics are: `AtomicU32` is an `Atomic<u32>`, and so on.
pub struct Atomic<T> {
    tag: Tag,
    /// What every run starts with.
    first: UnsafeCell<T>,
    now: UnsafeCell<T>,
    /// Where the value is, if not in `now`: see `from_ptr`.
    elsewhere: *mut T,
}

// SAFETY: the value is reached inside `engine::step` only, which lets one thread in at a time.
unsafe impl<T> Sync for Atomic<T> {}
// SAFETY: as above; and std's atomics, of pointers too, may be sent.
unsafe impl<T> Send for Atomic<T> {}
impl<T> ::std::panic::RefUnwindSafe for Atomic<T> {}
impl<T> ::std::panic::UnwindSafe for Atomic<T> {}

/// The value of these bits, for a report.
fn show_bits<T: Copy>(bits: Bits) -> Option<String> {
    // SAFETY: they are shown as what they were stored as.
    show(&unsafe { bits.to::<T>() })
}

impl<T: Copy + PartialEq> Atomic<T> {
    fn place(&self) -> *mut T {
        if self.elsewhere.is_null() { self.now.get() } else { self.elsewhere }
    }

    fn now(&self) -> T {
        // SAFETY: callers are inside `engine::step`.
        unsafe { *self.place() }
    }

    fn becomes(&self, value: T) {
        // SAFETY: callers are inside `engine::step`.
        unsafe {
            *self.place() = value;
            if !exploring() {
                *self.first.get() = value;
            }
        }
    }

    fn op(&self, verb: &'static Verb, writes: bool, loc: Loc) -> Op {
        if self.tag.is_fresh() && exploring() {
            // SAFETY: nobody has used it in a run, and one thread runs at a time.
            unsafe { *self.first.get() = *self.now.get() };
        }
        // SAFETY: nobody has used it in this run, and one thread runs at a time.
        let begin_again = || unsafe { *self.now.get() = *self.first.get() };
        Op { verb, object: self.tag.object(begin_again), writes, loc }
    }

    fn read(&self, order: Ordering, loc: Loc) -> T {
        match order {
            Release => panic!("there is no such thing as a release load"),
            AcqRel => panic!("there is no such thing as an acquire-release load"),
            _ => {}
        }
        let op = self.op(&LOAD, false, loc);
        engine::step(op, &|| true, || {
            if !exploring() {
                return self.now();
            }
            let read = memory::load(&op, Bits::of(self.now()), order, show_bits::<T>);
            // SAFETY: only values of this type are stored in this atomic.
            unsafe { read.to() }
        })
    }

    fn write(&self, value: T, order: Ordering, loc: Loc) {
        match order {
            Acquire => panic!("there is no such thing as an acquire store"),
            AcqRel => panic!("there is no such thing as an acquire-release store"),
            _ => {}
        }
        let op = self.op(&STORE, true, loc);
        engine::step(op, &|| true, || {
            if exploring() {
                memory::store(&op, Bits::of(self.now()), Bits::of(value), order, show_bits::<T>);
            }
            self.becomes(value);
        });
    }

    /// A read-modify-write reads the newest value, always.
    fn modify(&self, verb: &'static Verb, order: Ordering, loc: Loc, f: impl FnOnce(T) -> T) -> T {
        let op = self.op(verb, true, loc);
        engine::step(op, &|| true, || {
            let old = self.now();
            let new = f(old);
            if exploring() {
                memory::modify(&op, Bits::of(old), Bits::of(new), order, show_bits::<T>);
            }
            self.becomes(new);
            old
        })
    }

    fn exchange(&self, old: T, new: T, orders: (Ordering, Ordering), weak: bool, loc: Loc) -> Result<T, T> {
        match orders.1 {
            Release => panic!("there is no such thing as a release failure ordering"),
            AcqRel => panic!("there is no such thing as an acquire-release failure ordering"),
            _ => {}
        }
        let op = self.op(&COMPARE_EXCHANGE, true, loc);
        engine::step(op, &|| true, || {
            let now = self.now();
            if exploring() {
                let pair = (Bits::of(old), Bits::of(new));
                let exchanged = memory::exchange(&op, Bits::of(now), pair, orders, weak, show_bits::<T>);
                // SAFETY: only values of this type are stored in this atomic.
                exchanged.map_err(|read| unsafe { read.to::<T>() })?;
            } else if now != old {
                return Err(now);
            }
            self.becomes(new);
            Ok(old)
        })
    }

    fn exchange_until(
        &self,
        set: Ordering,
        get: Ordering,
        loc: Loc,
        mut f: impl FnMut(T) -> Option<T>,
    ) -> Result<T, T> {
        let mut old = self.read(get, loc);
        while let Some(new) = f(old) {
            match self.exchange(old, new, (set, get), true, loc) {
                Ok(value) => return Ok(value),
                Err(now) => old = now,
            }
        }
        Err(old)
    }
}

/// The methods that all atomics have.
impl<T: Copy + PartialEq> Atomic<T> {
    /// As std's.
    #[track_caller]
    #[inline]
    pub const fn new(value: T) -> Self {
        let (first, now) = (UnsafeCell::new(value), UnsafeCell::new(value));
        Atomic { tag: Tag::new(ATOMIC), first, now, elsewhere: ptr::null_mut() }
    }

    /// As std's.
    ///
    /// # Panics
    /// When `order` is one for stores.
    #[track_caller]
    #[inline]
    pub fn load(&self, order: Ordering) -> T {
        self.read(order, Loc::caller())
    }

    /// As std's.
    ///
    /// # Panics
    /// When `order` is one for loads.
    #[track_caller]
    #[inline]
    pub fn store(&self, value: T, order: Ordering) {
        self.write(value, order, Loc::caller());
    }

    /// As std's.
    #[track_caller]
    #[inline]
    pub fn swap(&self, value: T, order: Ordering) -> T {
        self.modify(&SWAP, order, Loc::caller(), |_| value)
    }

    /// As std's.
    ///
    /// # Errors
    /// When it was not `current`: the value that it was.
    #[track_caller]
    #[inline]
    pub fn compare_exchange(&self, current: T, new: T, success: Ordering, failure: Ordering) -> Result<T, T> {
        self.exchange(current, new, (success, failure), false, Loc::caller())
    }

    /// As std's: in a check it may fail for no reason.
    ///
    /// # Errors
    /// When it was not `current`, or for no reason: the value that it was.
    #[track_caller]
    #[inline]
    pub fn compare_exchange_weak(
        &self,
        current: T,
        new: T,
        success: Ordering,
        failure: Ordering,
    ) -> Result<T, T> {
        self.exchange(current, new, (success, failure), true, Loc::caller())
    }

    /// As std's.
    ///
    /// # Errors
    /// When `f` returns `None`: the value that it was.
    #[track_caller]
    #[inline]
    pub fn fetch_update(&self, set: Ordering, get: Ordering, f: impl FnMut(T) -> Option<T>) -> Result<T, T> {
        self.exchange_until(set, get, Loc::caller(), f)
    }

    /// As std's.
    ///
    /// # Errors
    /// When `f` returns `None`: the value that it was.
    #[track_caller]
    #[inline]
    pub fn try_update(&self, set: Ordering, get: Ordering, f: impl FnMut(T) -> Option<T>) -> Result<T, T> {
        self.exchange_until(set, get, Loc::caller(), f)
    }

    /// As std's.
    #[track_caller]
    #[inline]
    pub fn update(&self, set: Ordering, get: Ordering, mut f: impl FnMut(T) -> T) -> T {
        match self.exchange_until(set, get, Loc::caller(), |now| Some(f(now))) {
            Ok(old) | Err(old) => old,
        }
    }

    /// As std's.
    #[track_caller]
    pub fn get_mut(&mut self) -> &mut T {
        // SAFETY: nobody else has a reference, and it is the place of a value.
        unsafe { &mut *self.as_ptr() }
    }

    /// As std's.
    pub const fn into_inner(self) -> T {
        self.now.into_inner()
    }

    /// As std's; what is read and written through the pointer is no step.
    #[track_caller]
    pub fn as_ptr(&self) -> *mut T {
        self.op(&LOAD, false, Loc::caller());
        self.place()
    }

    /// As std's; in a check, all references that are made from one pointer are to the same atomic.
    ///
    /// # Safety
    /// As std's.
    #[track_caller]
    pub unsafe fn from_ptr<'a>(ptr: *mut T) -> &'a Self {
        /// By the place and the type of the value.
        static ATOMICS: StdMutex<Option<HashMap<(usize, &str), usize>>> = StdMutex::new(None);
        let mut atomics = ATOMICS.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (ptr as usize, ::std::any::type_name::<T>());
        let atomic = *atomics.get_or_insert_default().entry(key).or_insert_with(|| {
            // SAFETY: the caller says that there is a value.
            let atomic = Atomic { elsewhere: ptr, ..Self::new(unsafe { *ptr }) };
            ::std::ptr::from_mut(Box::leak(Box::new(atomic))) as usize
        });
        // SAFETY: it was leaked, and is of this type.
        unsafe { &*(atomic as *const Self) }
    }

    /// As std's.
    #[track_caller]
    #[deprecated(note = "use `compare_exchange` or `compare_exchange_weak` instead")]
    pub fn compare_and_swap(&self, current: T, new: T, order: Ordering) -> T {
        let failure = match order {
            AcqRel => Acquire,
            Release => Relaxed,
            order => order,
        };
        let (Ok(found) | Err(found)) = self.compare_exchange(current, new, order, failure);
        found
    }
}

impl<T: Copy + PartialEq> From<T> for Atomic<T> {
    #[track_caller]
    #[inline]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Copy + PartialEq + fmt::Debug> fmt::Debug for Atomic<T> {
    #[track_caller]
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.load(Relaxed), f)
    }
}

/// A type of numbers that fit into an atomic.
#[doc(hidden)]
pub trait Integer:
    Copy
    + Ord
    + ops::Not<Output = Self>
    + ops::BitAnd<Output = Self>
    + ops::BitOr<Output = Self>
    + ops::BitXor<Output = Self>
{
    /// The sum, wrapped around.
    fn plus(self, other: Self) -> Self;
    /// The difference, wrapped around.
    fn minus(self, other: Self) -> Self;
}

macro_rules! fetches {
    ($t:ty => $result:ty: $($fetch:ident $verb:ident |$now:ident, $by:ident| $new:expr;)*) => {$(
        /// As std's.
        #[track_caller]
        #[inline]
        pub fn $fetch(&self, value: $t, order: Ordering) -> $result {
            self.modify(&$verb, order, Loc::caller(), |$now| {
                let $by = value;
                $new
            })
        }
    )*};
}

impl<T: Integer> Atomic<T> {
    fetches! { T => T:
        fetch_add ADD |now, by| now.plus(by);
        fetch_sub SUB |now, by| now.minus(by);
        fetch_and AND |now, by| now & by;
        fetch_nand NAND |now, by| !(now & by);
        fetch_or OR |now, by| now | by;
        fetch_xor XOR |now, by| now ^ by;
        fetch_max MAX |now, by| now.max(by);
        fetch_min MIN |now, by| now.min(by);
    }
}

macro_rules! integers {
    ($($name:ident $t:ty),*) => {$(
        #[doc = concat!("As [`std::sync::atomic::", stringify!($name), "`]; in a check, each use is a step.")]
        pub type $name = Atomic<$t>;
        impl Integer for $t {
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            fn minus(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }
        }
        impl Default for $name {
            #[track_caller]
            #[inline]
            fn default() -> Self {
                Self::new(0)
            }
        }
    )*};
}

integers!(
    AtomicI8 i8, AtomicI16 i16, AtomicI32 i32, AtomicI64 i64, AtomicIsize isize,
    AtomicU8 u8, AtomicU16 u16, AtomicU32 u32, AtomicU64 u64, AtomicUsize usize
);

macro_rules! initial_values {
    ($($name:ident $kind:ident $value:expr;)*) => {$(
        /// As std's.
        #[deprecated(note = "the `new` function is now preferred")]
        #[expect(clippy::declare_interior_mutable_const, reason = "as in std")]
        pub const $name: $kind = $kind::new($value);
    )*};
}

initial_values! {
    ATOMIC_BOOL_INIT AtomicBool false;
    ATOMIC_ISIZE_INIT AtomicIsize 0;
    ATOMIC_USIZE_INIT AtomicUsize 0;
}

/// As [`std::sync::atomic::AtomicBool`]; in a check, each use is a step.
pub type AtomicBool = Atomic<bool>;

impl Default for AtomicBool {
    #[track_caller]
    #[inline]
    fn default() -> Self {
        Self::new(false)
    }
}

impl AtomicBool {
    fetches! { bool => bool:
        fetch_and AND |now, by| now & by;
        fetch_nand NAND |now, by| !(now & by);
        fetch_or OR |now, by| now | by;
        fetch_xor XOR |now, by| now ^ by;
    }

    /// As std's.
    #[track_caller]
    #[inline]
    pub fn fetch_not(&self, order: Ordering) -> bool {
        self.modify(&NOT, order, Loc::caller(), |now| !now)
    }
}

/// As [`std::sync::atomic::AtomicPtr`]; in a check, each use is a step.
pub type AtomicPtr<T> = Atomic<*mut T>;

impl<T> Default for AtomicPtr<T> {
    #[track_caller]
    #[inline]
    fn default() -> Self {
        Self::new(::std::ptr::null_mut())
    }
}

impl<T> fmt::Pointer for AtomicPtr<T> {
    #[track_caller]
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Pointer::fmt(&self.load(Relaxed), f)
    }
}

impl<T> AtomicPtr<T> {
    fetches! { usize => *mut T:
        fetch_ptr_add ADD |now, by| now.wrapping_add(by);
        fetch_ptr_sub SUB |now, by| now.wrapping_sub(by);
        fetch_byte_add ADD |now, by| now.wrapping_byte_add(by);
        fetch_byte_sub SUB |now, by| now.wrapping_byte_sub(by);
        fetch_or OR |now, by| now.map_addr(|now| now | by);
        fetch_and AND |now, by| now.map_addr(|now| now & by);
        fetch_xor XOR |now, by| now.map_addr(|now| now ^ by);
    }
}

/// As std's.
///
/// # Panics
/// When `order` is `Relaxed`.
#[track_caller]
pub fn fence(order: Ordering) {
    assert!(order != Relaxed, "there is no such thing as a relaxed fence");
    if !exploring() {
        return ::std::sync::atomic::fence(order);
    }
    if order == SeqCst {
        let op = Op { verb: &FENCE, object: FENCES, writes: true, loc: Loc::caller() };
        engine::step(op, &|| true, || ());
    }
    memory::fence(order);
}

/// As std's.
#[track_caller]
#[deprecated(note = "use hint::spin_loop instead")]
pub fn spin_loop_hint() {
    crate::hint::spin_loop();
}
