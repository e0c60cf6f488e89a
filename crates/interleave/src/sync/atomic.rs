//! `std::sync::atomic`, explored, with the orderings that C++20 gives them.
//!
//! A load may return an older value as long as nothing orders it after the newer store: the
//! orderings decide what is ordered. Three simplifications keep it finite: stores to one
//! atomic are ordered as they are executed; a load never returns what is stored later (no
//! load buffering); and a `SeqCst` fence orders a little more than it has to. A store becomes visible in the end: a
//! loop that reads the same place again gets the newest value.

pub use ::std::sync::atomic::{Ordering, compiler_fence};

use super::show;
use crate::engine::{self, ATOMIC, Clock, Loc, Op, Tag, Tid, Verb, World, exploring, world};
use ::std::cell::UnsafeCell;
use ::std::fmt;
use ::std::ops;
use ::std::panic::Location;
use Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};

/// What all atomics are: `AtomicU32` is an `Atomic<u32>`, and so on.
pub struct Atomic<T> {
    tag: Tag,
    stores: UnsafeCell<Stores<T>>,
}

struct Stores<T> {
    /// What every run starts with.
    first: T,
    /// The stores of this run, in order; `first` comes before them.
    all: Vec<Store<T>>,
}

impl<T: Copy> Stores<T> {
    fn now(&self) -> T {
        self.at(self.all.len())
    }

    /// The value of store number `at`; 0 is the first value.
    fn at(&self, at: usize) -> T {
        at.checked_sub(1).map_or(self.first, |i| self.all[i].value)
    }

    /// The running thread reads store number `at`.
    fn is_read(&mut self, at: usize, order: Ordering, w: &mut World) {
        let who = w.current;
        let me = &mut w.threads[who];
        let Some(store) = at.checked_sub(1).map(|i| &mut self.all[i]) else { return };
        me.fences.0.join(&store.releases);
        if acquires(order) {
            me.clock.join(&store.releases);
        }
        if !store.read_by.iter().any(|(reader, _)| *reader == who) {
            store.read_by.push((who, me.clock.clone()));
        }
    }
}

struct Store<T> {
    value: T,
    by: Clock,
    releases: Clock,
    seq_cst: bool,
    /// Who has read it, and when first: whoever comes after that, the reader too, must not read an older one (read-read
    /// coherence).
    read_by: Vec<(Tid, Clock)>,
}

// SAFETY: `stores` is reached inside `engine::step` only, which lets one thread in at a time.
unsafe impl<T> Sync for Atomic<T> {}
// SAFETY: as above; and std's atomics, of pointers too, may be sent.
unsafe impl<T> Send for Atomic<T> {}
impl<T> ::std::panic::RefUnwindSafe for Atomic<T> {}
impl<T> ::std::panic::UnwindSafe for Atomic<T> {}

fn acquires(order: Ordering) -> bool {
    matches!(order, Acquire | AcqRel | SeqCst)
}

fn releases(order: Ordering) -> bool {
    matches!(order, Release | AcqRel | SeqCst)
}

impl<T: Copy + PartialEq> Atomic<T> {
    #[expect(clippy::mut_from_ref, reason = "one thread runs at a time")]
    fn stores(&self) -> &mut Stores<T> {
        // SAFETY: callers are inside `engine::step`, and let go before they leave it.
        unsafe { &mut *self.stores.get() }
    }

    fn op(&self, verb: Verb, writes: bool, loc: Loc) -> Op {
        let object = self.tag.object(|| self.stores().all.clear());
        Op { verb, object, writes, loc }
    }

    fn read(&self, order: Ordering, loc: Loc) -> T {
        match order {
            Release => panic!("there is no such thing as a release load"),
            AcqRel => panic!("there is no such thing as an acquire-release load"),
            _ => {}
        }
        let op = self.op(Verb::Load, false, loc);
        engine::step(op, &|| true, || {
            if !exploring() {
                return self.stores().now();
            }
            let newest = self.stores().all.len(); // 0 is `first`
            let oldest = if engine::has_read(&op) { newest } else { self.oldest_visible(order) };
            let stores = self.stores();
            let at = newest - engine::choose_one_of(newest - oldest + 1);
            let value = stores.at(at);
            world(|w| stores.is_read(at, order, w));
            engine::note(|| {
                let old = if at < newest { ", an old value: no ordering forbids it" } else { "" };
                show(&value).map(|v| v + old)
            });
            engine::reads(&op, bits(value));
            value
        })
    }

    /// The oldest store that the running thread may still read; 0 is the first value.
    fn oldest_visible(&self, order: Ordering) -> usize {
        let stores = self.stores();
        world(|w| {
            let me = &w.threads[w.current];
            let is_known = |s: &Store<T>| {
                s.by.is_before(&me.clock)
                    || s.read_by.iter().any(|(_, when)| when.is_before(&me.clock))
                    || (order == SeqCst && s.seq_cst)
            };
            stores.all.iter().rposition(is_known).map_or(0, |i| i + 1)
        })
    }

    fn write(&self, value: T, order: Ordering, loc: Loc) {
        match order {
            Acquire => panic!("there is no such thing as an acquire store"),
            AcqRel => panic!("there is no such thing as an acquire-release store"),
            _ => {}
        }
        let op = self.op(Verb::Store, true, loc);
        engine::step(op, &|| true, || {
            engine::note(|| show(&self.stores().now()));
            self.push(value, order, Clock::default());
        });
    }

    /// Appends to the stores. A plain store starts a new release sequence; a read-modify-write goes on
    /// with that of the store it read (C++20), whose clock is `sequence`.
    fn push(&self, value: T, order: Ordering, mut sequence: Clock) {
        let stores = self.stores();
        if !exploring() {
            stores.all.clear();
            stores.first = value;
            return;
        }
        world(|w| {
            let me = &mut w.threads[w.current];
            sequence.join(if releases(order) { &me.clock } else { &me.fences.1 });
            let by = me.clock.clone();
            let (seq_cst, read_by) = (order == SeqCst, vec![]);
            stores.all.push(Store { value, by, releases: sequence, seq_cst, read_by });
        });
        engine::note_after(|| show(&value));
    }

    /// A read-modify-write reads the newest value, always.
    fn modify(&self, verb: &'static str, order: Ordering, loc: Loc, f: impl FnOnce(T) -> T) -> T {
        let op = self.op(Verb::Rmw(verb), true, loc);
        engine::step(op, &|| true, || {
            let old = self.stores().now();
            engine::note(|| show(&old));
            self.read_and_push(&op, f(old), order);
            old
        })
    }

    /// The second half of a read-modify-write.
    fn read_and_push(&self, op: &Op, new: T, order: Ordering) {
        let stores = self.stores();
        let (newest, old) = (stores.all.len(), stores.now());
        if exploring() {
            world(|w| stores.is_read(newest, order, w));
        }
        let sequence = stores.all.last().map(|s| s.releases.clone()).unwrap_or_default();
        self.push(new, order, sequence);
        if new == old {
            engine::reads(op, bits(old));
        } else {
            engine::changes(op);
        }
    }

    /// If it fails it is a load, which may return an older value, but not the expected one. The weak one may fail for no
    /// reason.
    fn exchange(&self, old: T, new: T, orders: (Ordering, Ordering), weak: bool, loc: Loc) -> Result<T, T> {
        let op = self.op(Verb::Rmw("compares and exchanges"), true, loc);
        engine::step(op, &|| true, || {
            let newest = self.stores().all.len();
            let succeeds = self.stores().now() == old && !(weak && engine::fails_for_no_reason());
            let mut ways = vec![newest];
            if exploring() && !engine::has_read(&op) {
                let oldest = self.oldest_visible(orders.1);
                ways.extend((oldest..newest).rev().filter(|&at| self.stores().at(at) != old));
            }
            let at = ways[engine::choose_one_of(ways.len())];
            let stores = self.stores();
            let value = stores.at(at);
            let fails = !(succeeds && at == newest);
            engine::note(|| {
                show(&value).map(|v| if fails { v + ", not what it expected: fails" } else { v })
            });
            if !fails {
                self.read_and_push(&op, new, orders.0);
                return Ok(old);
            }
            if exploring() {
                world(|w| stores.is_read(at, orders.1, w));
            }
            engine::reads(&op, bits(value));
            Err(value)
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

/// The value as a number, to see that it is the same again.
fn bits<T: Copy>(value: T) -> u64 {
    let mut bits = [0; 8];
    let bytes = size_of::<T>().min(8);
    // SAFETY: integers, booleans and pointers have no padding, and no more than these bytes are copied.
    unsafe { ::std::ptr::copy_nonoverlapping((&raw const value).cast::<u8>(), bits.as_mut_ptr(), bytes) };
    u64::from_ne_bytes(bits)
}

/// The methods that all atomics have.
impl<T: Copy + PartialEq> Atomic<T> {
    /// As std's.
    #[track_caller]
    #[inline]
    pub const fn new(value: T) -> Self {
        let stores = Stores { first: value, all: vec![] };
        Atomic { tag: Tag::new(ATOMIC), stores: UnsafeCell::new(stores) }
    }

    /// As std's.
    ///
    /// # Panics
    /// When `order` is one for stores.
    #[track_caller]
    #[inline]
    pub fn load(&self, order: Ordering) -> T {
        self.read(order, Location::caller())
    }

    /// As std's.
    ///
    /// # Panics
    /// When `order` is one for loads.
    #[track_caller]
    #[inline]
    pub fn store(&self, value: T, order: Ordering) {
        self.write(value, order, Location::caller());
    }

    /// As std's.
    #[track_caller]
    #[inline]
    pub fn swap(&self, value: T, order: Ordering) -> T {
        self.modify("swaps", order, Location::caller(), |_| value)
    }

    /// As std's.
    #[deprecated = "replaced by `compare_exchange` or `compare_exchange_weak`"]
    #[track_caller]
    #[inline]
    pub fn compare_and_swap(&self, current: T, new: T, order: Ordering) -> T {
        let on_failure = match order {
            AcqRel => Acquire,
            Release => Relaxed,
            order => order,
        };
        self.exchange(current, new, (order, on_failure), false, Location::caller()).unwrap_or_else(|now| now)
    }

    /// As std's.
    ///
    /// # Errors
    /// When it was not `current`: the value that it was.
    #[track_caller]
    #[inline]
    pub fn compare_exchange(&self, current: T, new: T, success: Ordering, failure: Ordering) -> Result<T, T> {
        self.exchange(current, new, (success, failure), false, Location::caller())
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
        self.exchange(current, new, (success, failure), true, Location::caller())
    }

    /// As std's.
    ///
    /// # Errors
    /// When `f` returns `None`: the value that it was.
    #[track_caller]
    #[inline]
    pub fn fetch_update(&self, set: Ordering, get: Ordering, f: impl FnMut(T) -> Option<T>) -> Result<T, T> {
        self.exchange_until(set, get, Location::caller(), f)
    }

    /// As std's.
    ///
    /// # Errors
    /// When `f` returns `None`: the value that it was.
    #[track_caller]
    #[inline]
    pub fn try_update(&self, set: Ordering, get: Ordering, f: impl FnMut(T) -> Option<T>) -> Result<T, T> {
        self.exchange_until(set, get, Location::caller(), f)
    }

    /// As std's.
    #[track_caller]
    #[inline]
    pub fn update(&self, set: Ordering, get: Ordering, mut f: impl FnMut(T) -> T) -> T {
        match self.exchange_until(set, get, Location::caller(), |now| Some(f(now))) {
            Ok(old) | Err(old) => old,
        }
    }

    /// As std's.
    pub fn get_mut(&mut self) -> &mut T {
        let stores = self.stores.get_mut();
        stores.all.last_mut().map_or(&mut stores.first, |last| &mut last.value)
    }

    /// As std's.
    pub fn into_inner(self) -> T {
        self.stores.into_inner().now()
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
    ($t:ty: $($fetch:ident $verb:literal |$now:ident, $by:ident| $new:expr;)*) => {$(
        /// As std's.
        #[track_caller]
        #[inline]
        pub fn $fetch(&self, value: $t, order: Ordering) -> $t {
            self.modify($verb, order, Location::caller(), |$now| {
                let $by = value;
                $new
            })
        }
    )*};
}

impl<T: Integer> Atomic<T> {
    fetches! { T:
        fetch_add "adds to" |now, by| now.plus(by);
        fetch_sub "subtracts from" |now, by| now.minus(by);
        fetch_and "ands" |now, by| now & by;
        fetch_nand "nands" |now, by| !(now & by);
        fetch_or "ors" |now, by| now | by;
        fetch_xor "xors" |now, by| now ^ by;
        fetch_max "maximises" |now, by| now.max(by);
        fetch_min "minimises" |now, by| now.min(by);
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
    fetches! { bool:
        fetch_and "ands" |now, by| now & by;
        fetch_nand "nands" |now, by| !(now & by);
        fetch_or "ors" |now, by| now | by;
        fetch_xor "xors" |now, by| now ^ by;
    }

    /// As std's.
    #[track_caller]
    #[inline]
    pub fn fetch_not(&self, order: Ordering) -> bool {
        self.modify("negates", order, Location::caller(), |now| !now)
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
    let acquire = |w: &mut World| {
        let me = &mut w.threads[w.current];
        me.clock.join(&me.fences.0);
    };
    if order == SeqCst {
        // All of these happen in one order: each is a step that touches the same object, and hands on what it acquires.
        static ALL: Tag = Tag::new("fence");
        let op = Op { verb: Verb::Fence, object: ALL.object(|| ()), writes: true, loc: Location::caller() };
        engine::step(op, &|| true, || ());
        world(acquire);
        engine::touch(op.object, true);
    }
    world(|w| {
        if acquires(order) {
            acquire(w);
        }
        let me = &mut w.threads[w.current];
        if releases(order) {
            me.fences.1 = me.clock.clone();
        }
    });
}
