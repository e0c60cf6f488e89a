//! What C++20 lets a load return: the stores of each atomic in the run that is under way. It is about bits, so that it is compiled
//! once, with optimisation, and not for each type of atomic that the code under check has.

use crate::clock::Clock;
use crate::current::{
    aside_of_step, changes, choose_one_of, fails_for_no_reason, is_alone, note, note_after, reads, reads_old,
    touch, waits_by_looking, world,
};
use crate::log::Happening;
use crate::object::{FENCES, ObjectId};
use crate::step::Op;
use crate::thread::Tid;
use crate::world::World;
use std::cell::RefCell;
use std::mem::MaybeUninit;
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Release, SeqCst};

/// The bytes of a value, of which there are at most eight; the rest is zero. A pointer stays a pointer.
#[derive(Clone, Copy)]
pub struct Bits(MaybeUninit<u64>);

impl Bits {
    /// Of an integer, a boolean or a pointer.
    pub fn of<T: Copy>(value: T) -> Self {
        const { assert!(size_of::<T>() <= 8) };
        let mut bits = MaybeUninit::new(0_u64);
        // SAFETY: the bytes of the value fit.
        unsafe { bits.as_mut_ptr().cast::<T>().write_unaligned(value) };
        Bits(bits)
    }

    /// # Safety
    /// They are those of a `T`.
    pub unsafe fn to<T: Copy>(self) -> T {
        // SAFETY: the caller says so.
        unsafe { self.0.as_ptr().cast::<T>().read_unaligned() }
    }

    fn number(self) -> u64 {
        // SAFETY: all eight bytes are initialised, and neither integers nor pointers have padding.
        unsafe { self.0.assume_init() }
    }
}

impl PartialEq for Bits {
    fn eq(&self, other: &Self) -> bool {
        self.number() == other.number()
    }
}

struct Store {
    value: Bits,
    /// What had happened when it was made.
    by: Clock,
    /// What is known to a thread that acquires it.
    releases: Clock,
    /// A `SeqCst` access settled it, when this many `SeqCst` fences had been executed.
    settled: Option<usize>,
    /// The threads that have read it, and when first: a load that comes after that, in the same thread too, must not read an
    /// older one (read-read coherence).
    read_by: Vec<(Tid, Clock)>,
}

impl Store {
    /// The value before any store: everyone knows it.
    fn first(value: Bits) -> Self {
        Store { value, by: Clock::default(), releases: Clock::default(), settled: Some(0), read_by: vec![] }
    }

    fn is_read(&mut self, order: Ordering, object: ObjectId, w: &mut World) {
        let who = w.current;
        if order == SeqCst && self.settled.is_none() {
            self.settled = Some(w.seq_cst_fences.len());
            // Other `SeqCst` loads may no longer read an older one: the two of them don't commute.
            w.touch(object, true);
        }
        let me = &mut w.threads[who];
        me.fences.0.join(&self.releases);
        if acquires(order) {
            me.clock.join(&self.releases);
        }
        if !self.read_by.iter().any(|(reader, _)| *reader == who) {
            self.read_by.push((who, me.clock.clone()));
        }
    }
}

thread_local! {
    /// The stores of each atomic, in their order, by its number.
    static STORES: RefCell<Vec<Vec<Store>>> = const { RefCell::new(vec![]) };
}

/// A run is over.
pub fn after_run() {
    STORES.with_borrow_mut(|all| all.iter_mut().for_each(Vec::clear));
}

/// Calls `f` with the stores of an atomic whose value is `now`.
fn with_stores<R>(object: ObjectId, now: Bits, f: impl FnOnce(&mut Vec<Store>) -> R) -> R {
    STORES.with_borrow_mut(|all| {
        let at = object as usize;
        if all.len() <= at {
            all.resize_with(at + 1, Vec::new);
        }
        let stores = &mut all[at];
        match stores.last_mut() {
            None => stores.push(Store::first(now)),
            // The same unless it was changed through a `&mut` or a pointer, which nobody does while others use the atomic.
            Some(newest) => newest.value = now,
        }
        f(stores)
    })
}

fn acquires(order: Ordering) -> bool {
    matches!(order, Acquire | AcqRel | SeqCst)
}

fn releases(order: Ordering) -> bool {
    matches!(order, Release | AcqRel | SeqCst)
}

/// A `SeqCst` access has a place in the order of the `SeqCst` fences.
fn takes_its_place(order: Ordering) {
    if order == SeqCst {
        touch(FENCES, false);
    }
}

/// The oldest store that the running thread may still read.
fn oldest_visible(stores: &[Store], order: Ordering) -> usize {
    world(|w| {
        let me = &w.threads[w.current].clock;
        let fences = &w.seq_cst_fences;
        // How many fences count: all of them for an access that takes part in their order, otherwise those up to the last
        // one that happens before it.
        let count = match order {
            SeqCst => fences.len() + 1,
            _ => fences.iter().rposition(|(fence, _)| fence.is_before(me)).map_or(0, |last| last + 1),
        };
        let fenced = fences[..count.min(fences.len())].last().map(|(_, all)| all);
        let is_known = |s: &Store| {
            let happened_before = |clock: &Clock| {
                s.by.is_before(clock) || s.read_by.iter().any(|(_, when)| when.is_before(clock))
            };
            happened_before(me)
                || fenced.is_some_and(happened_before)
                || s.settled.is_some_and(|fences| fences < count)
        };
        stores.iter().rposition(is_known).unwrap_or(0)
    })
}

/// Behind a value that a load has found, in the report: there is a newer one.
pub const OLD: &str = ", an old value: no ordering forbids it";
/// Behind a value that made a compare-and-exchange fail.
pub const UNEXPECTED: &str = ", not what it expected: fails";

/// How a value is shown in a report.
pub type Show = fn(Bits) -> Option<String>;

/// Reads an atomic whose value is `now`, as the step that is under way: returns that value, or an older one.
pub fn load(op: &Op, now: Bits, order: Ordering, show: Show) -> Bits {
    takes_its_place(order);
    aside_of_step(op.object, Happening::Ordered(order));
    let (oldest, newest) = with_stores(op.object, now, |stores| {
        let newest = stores.len() - 1;
        (if waits_by_looking(op) { newest } else { oldest_visible(stores, order) }, newest)
    });
    let at = if is_alone() { oldest } else { newest - choose_one_of(newest - oldest + 1) };
    let value = read(op, now, at, order);
    note(|| {
        let old = if at < newest { OLD } else { "" };
        show(value).map(|v| v + old)
    });
    reads_old(op, value.number(), at < newest);
    value
}

fn read(op: &Op, now: Bits, at: usize, order: Ordering) -> Bits {
    with_stores(op.object, now, |stores| {
        world(|w| stores[at].is_read(order, op.object, w));
        stores[at].value
    })
}

/// Stores `new` in an atomic whose value is `now`.
pub fn store(op: &Op, now: Bits, new: Bits, order: Ordering, show: Show) {
    takes_its_place(order);
    aside_of_step(op.object, Happening::Ordered(order));
    note(|| show(now));
    push(op, now, new, order, false);
    note_after(|| show(new));
}

/// Appends to the stores. A plain store starts a new release sequence; a read-modify-write goes on with that of the store it
/// read (C++20).
fn push(op: &Op, now: Bits, value: Bits, order: Ordering, goes_on: bool) {
    with_stores(op.object, now, |stores| {
        let sequence = stores.last().filter(|_| goes_on).map(|newest| newest.releases.clone());
        let mut sequence = sequence.unwrap_or_default();
        world(|w| {
            let me = &w.threads[w.current];
            sequence.join(if releases(order) { &me.clock } else { &me.fences.1 });
            let settled = (order == SeqCst).then_some(w.seq_cst_fences.len());
            let by = me.clock.clone();
            stores.push(Store { value, by, releases: sequence, settled, read_by: vec![] });
        });
    });
}

/// A read-modify-write, which reads the newest value, always.
pub fn modify(op: &Op, now: Bits, new: Bits, order: Ordering, show: Show) {
    takes_its_place(order);
    aside_of_step(op.object, Happening::Ordered(order));
    note(|| show(now));
    read_and_push(op, now, new, order, show);
}

/// The second half of a read-modify-write.
fn read_and_push(op: &Op, now: Bits, new: Bits, order: Ordering, show: Show) {
    let newest = with_stores(op.object, now, |stores| stores.len() - 1);
    read(op, now, newest, order);
    push(op, now, new, order, true);
    note_after(|| show(new));
    changes(op);
    if new == now {
        reads(op, now.number());
    }
}

/// Exchanges `old` for `new` if the value is `old`. If it fails it is a load, which may return an older value, but not the expected
/// one. The weak one may fail for no reason.
///
/// # Errors
/// What was read instead.
pub fn exchange(
    op: &Op,
    now: Bits,
    (old, new): (Bits, Bits),
    orders: (Ordering, Ordering),
    weak: bool,
    show: Show,
) -> Result<(), Bits> {
    takes_its_place(if orders.0 == SeqCst { SeqCst } else { orders.1 });
    aside_of_step(op.object, Happening::Ordered(orders.0));
    let succeeds = now == old && !(weak && fails_for_no_reason());
    let ways = with_stores(op.object, now, |stores| {
        let newest = stores.len() - 1;
        let mut ways = vec![newest];
        if !waits_by_looking(op) {
            let oldest = oldest_visible(stores, orders.1);
            ways.extend((oldest..newest).rev().filter(|&at| stores[at].value != old));
        }
        ways
    });
    let way = if is_alone() { ways.len() - 1 } else { choose_one_of(ways.len()) };
    let at = ways[way];
    if succeeds && at == ways[0] {
        note(|| show(now));
        read_and_push(op, now, new, orders.0, show);
        return Ok(());
    }
    let value = read(op, now, at, orders.1);
    note(|| show(value).map(|v| v + UNEXPECTED));
    reads_old(op, value.number(), at != ways[0]);
    Err(value)
}

/// What a fence does, as a part of the step that is under way.
pub fn fence(order: Ordering) {
    world(|w| {
        let me = &mut w.threads[w.current];
        if acquires(order) {
            me.clock.join(&me.fences.0);
        }
        if releases(order) {
            me.fences.1 = me.clock.clone();
        }
        if order == SeqCst {
            let mut all = w.seq_cst_fences.last().map(|(_, all)| all.clone()).unwrap_or_default();
            all.join(&me.clock);
            w.seq_cst_fences.push((me.clock.clone(), all));
        }
    });
}
