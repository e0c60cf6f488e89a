//! C++20's memory model (\[atomics.order\], \[intro.races\]), by enumeration: every choice of which store each load reads and of
//! the modification orders is tried, and those that the standard forbids are dropped. It knows nothing of the explorer.
//!
//! The relations have their names in the literature (Lahav et al. 2017): sb, rf, mo, rb, eco, sw, hb.

use crate::program::{Op, Outcome, Program};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};

/// What a program may do.
pub struct Allowed {
    /// According to C++20, but for load buffering (a load that returns what is stored later).
    pub by_the_standard: BTreeSet<Outcome>,
    /// And if there also is one order of everything that has each store before what reads it and before what
    /// overwrites it, and all that is `SeqCst` in its order: the order of execution.
    pub in_order_of_execution: BTreeSet<Outcome>,
}

#[derive(Clone, Copy)]
struct Event {
    op: Op,
    /// None for the first value of an atomic.
    thread: Option<usize>,
    atomic: Option<usize>,
    order: Ordering,
    reads: bool,
    writes: bool,
}

impl Event {
    fn new(op: Op, thread: Option<usize>, exchanges: bool) -> Self {
        let (atomic, order, reads, writes) = match op {
            Op::Load(x, order) => (Some(x), order, true, false),
            Op::Store(x, _, order) => (Some(x), order, false, true),
            Op::Add(x, _, order) => (Some(x), order, true, true),
            Op::Exchange(x, _, _, success, _) if exchanges => (Some(x), success, true, true),
            Op::Exchange(x, _, _, _, failure) => (Some(x), failure, true, false),
            Op::Fence(order) => (None, order, false, false),
        };
        Event { op, thread, atomic, order, reads, writes }
    }

    fn is_fence(&self) -> bool {
        self.atomic.is_none()
    }
}

/// A set of events.
type Set = u32;

/// A relation between events: for each, those that it leads to.
#[derive(Clone)]
struct Relation(Vec<Set>);

impl Relation {
    fn new(events: usize, relates: impl Fn(usize, usize) -> bool) -> Self {
        let row = |a| (0..events).filter(|&b| relates(a, b)).fold(0, |row, b| row | 1 << b);
        Relation((0..events).map(row).collect())
    }

    fn has(&self, a: usize, b: usize) -> bool {
        self.0[a] & 1 << b != 0
    }

    fn or(&self, other: &Relation) -> Self {
        Relation(self.0.iter().zip(&other.0).map(|(a, b)| a | b).collect())
    }

    /// First this one, then the other.
    fn then(&self, other: &Relation) -> Self {
        let reach =
            |row: &Set| (0..other.0.len()).filter(|b| row & 1 << b != 0).fold(0, |all, b| all | other.0[b]);
        Relation(self.0.iter().map(reach).collect())
    }

    fn or_same(&self) -> Self {
        Relation(self.0.iter().enumerate().map(|(a, row)| row | 1 << a).collect())
    }

    fn within(&self, from: Set, to: Set) -> Self {
        let row = |(a, row): (usize, &Set)| if from & 1 << a != 0 { row & to } else { 0 };
        Relation(self.0.iter().enumerate().map(row).collect())
    }

    fn transitive(mut self) -> Self {
        for via in 0..self.0.len() {
            let onward = self.0[via];
            self.0.iter_mut().filter(|row| **row & 1 << via != 0).for_each(|row| *row |= onward);
        }
        self
    }

    fn is_irreflexive(&self) -> bool {
        self.0.iter().enumerate().all(|(a, row)| row & 1 << a == 0)
    }

    fn is_acyclic(&self) -> bool {
        self.clone().transitive().is_irreflexive()
    }
}

/// Calls `visit` with one of each of the `choices`, in every combination.
fn for_each_combination<T: Clone>(choices: &[Vec<T>], chosen: &mut Vec<T>, visit: &mut impl FnMut(&[T])) {
    let Some(next) = choices.get(chosen.len()) else { return visit(chosen) };
    for choice in next {
        chosen.push(choice.clone());
        for_each_combination(choices, chosen, visit);
        chosen.pop();
    }
}

fn permutations(items: &[usize]) -> Vec<Vec<usize>> {
    if items.is_empty() {
        return vec![vec![]];
    }
    let begin_with = |at: usize| {
        let mut rest = items.to_vec();
        let first = rest.remove(at);
        permutations(&rest).into_iter().map(move |rest| [vec![first], rest].concat())
    };
    (0..items.len()).flat_map(begin_with).collect()
}

pub fn allowed(program: &Program) -> Allowed {
    let mut allowed = Allowed { by_the_standard: BTreeSet::new(), in_order_of_execution: BTreeSet::new() };
    let exchanges = program.0.iter().flatten().filter(|op| matches!(op, Op::Exchange(..))).count();
    for succeed in 0..1_u32 << exchanges {
        let mut events: Vec<Event> =
            (0..program.atomics()).map(|x| Event::new(Op::Store(x, 0, Relaxed), None, false)).collect();
        let mut nth = 0;
        for (thread, ops) in program.0.iter().enumerate() {
            for &op in ops {
                let is_exchange = matches!(op, Op::Exchange(..));
                events.push(Event::new(op, Some(thread), is_exchange && succeed & 1 << nth != 0));
                nth += u32::from(is_exchange);
            }
        }
        Enumeration { events, atomics: program.atomics() }.run(&mut allowed);
    }
    allowed
}

struct Enumeration {
    events: Vec<Event>,
    atomics: usize,
}

impl Enumeration {
    fn set(&self, is_in: impl Fn(&Event) -> bool) -> Set {
        self.events.iter().enumerate().filter(|(_, e)| is_in(e)).fold(0, |set, (a, _)| set | 1 << a)
    }

    fn writes_to(&self, x: usize) -> Vec<usize> {
        let is_one = |&a: &usize| self.events[a].writes && self.events[a].atomic == Some(x);
        (0..self.events.len()).filter(is_one).collect()
    }

    fn run(&self, allowed: &mut Allowed) {
        let reads: Vec<usize> = (0..self.events.len()).filter(|&a| self.events[a].reads).collect();
        let sources = |&read: &usize| {
            let x = self.events[read].atomic.unwrap();
            self.writes_to(x).into_iter().filter(|&write| write != read).collect()
        };
        let sources: Vec<Vec<usize>> = reads.iter().map(sources).collect();
        let orders: Vec<Vec<Vec<usize>>> = (0..self.atomics)
            .map(|x| {
                let writes = self.writes_to(x);
                permutations(&writes[1..])
                    .into_iter()
                    .map(|order| [vec![writes[0]], order].concat())
                    .collect()
            })
            .collect();
        for_each_combination(&sources, &mut vec![], &mut |chosen| {
            let mut source = vec![None; self.events.len()];
            reads.iter().zip(chosen).for_each(|(&read, &write)| source[read] = Some(write));
            let Some(values) = self.values(&source) else { return };
            for_each_combination(&orders, &mut vec![], &mut |orders| {
                if let Some(is_in_order) = self.is_consistent(&source, orders) {
                    let read = reads.iter().map(|&read| values[source[read].unwrap()].unwrap());
                    let left = orders.iter().map(|order| values[*order.last().unwrap()].unwrap());
                    let outcome: Outcome = read.chain(left).collect();
                    if is_in_order {
                        allowed.in_order_of_execution.insert(outcome.clone());
                    }
                    allowed.by_the_standard.insert(outcome);
                }
            });
        });
    }

    /// What each event writes; none if an exchange would not do what it is taken to do, or values come out of thin air.
    fn values(&self, source: &[Option<usize>]) -> Option<Vec<Option<i64>>> {
        let mut values = vec![None; self.events.len()];
        let mut known = vec![false; self.events.len()];
        while known.contains(&false) {
            let ready = |&a: &usize| !known[a] && source[a].is_none_or(|write| known[write]);
            let a = (0..known.len()).find(ready)?;
            let found = source[a].and_then(|write| values[write]);
            values[a] = match self.events[a].op {
                Op::Store(_, value, _) => Some(value),
                Op::Add(_, value, _) => Some(found? + value),
                Op::Exchange(_, old, new, ..) => {
                    if (found? == old) != self.events[a].writes {
                        return None;
                    }
                    Some(new)
                }
                Op::Load(..) | Op::Fence(_) => None,
            };
            known[a] = true;
        }
        Some(values)
    }

    /// Whether C++20 allows this execution, and then whether it is an order of execution.
    fn is_consistent(&self, source: &[Option<usize>], orders: &[Vec<usize>]) -> Option<bool> {
        let (events, n) = (&self.events, self.events.len());
        let place = |a: usize| {
            let order = events[a].atomic.map(|x| &orders[x])?;
            order.iter().position(|&write| write == a)
        };
        for a in (0..n).filter(|&a| events[a].reads && events[a].writes) {
            if Some(place(a)? - 1) != place(source[a]?) {
                return None; // a read-modify-write reads the store before its own
            }
        }
        let sb = Relation::new(n, |a, b| match (events[a].thread, events[b].thread) {
            (None, Some(_)) => true,
            (Some(s), Some(t)) => s == t && a < b,
            _ => false,
        });
        let rf = Relation::new(n, |a, b| source[b] == Some(a));
        if !sb.or(&rf).is_acyclic() {
            return None; // load buffering: the standard allows it, and neither this model nor the explorer has it
        }
        let same = |a: usize, b: usize| events[a].atomic.is_some() && events[a].atomic == events[b].atomic;
        let mo = Relation::new(n, |a, b| {
            events[a].writes && events[b].writes && same(a, b) && place(a) < place(b)
        });
        let rb = Relation::new(n, |a, b| a != b && source[a].is_some_and(|write| mo.has(write, b)));

        // A release store, or one behind a release fence, heads a sequence of read-modify-writes.
        let acquires = self.set(|e| matches!(e.order, Acquire | AcqRel | SeqCst));
        let releases = self.set(|e| matches!(e.order, Release | AcqRel | SeqCst));
        let fences = self.set(Event::is_fence);
        let modifies = self.set(|e| e.reads && e.writes);
        let all = Set::MAX;
        let sequence = rf.within(all, modifies).transitive().or_same();
        let head = sb.within(fences, self.set(|e| e.writes)).or_same();
        let tail = sb.within(self.set(|e| e.reads), fences).or_same();
        let sw = head.then(&sequence).then(&rf).then(&tail).within(releases, acquires);
        let hb = sb.or(&sw).transitive();
        let eco = rf.or(&mo).or(&rb).transitive();
        if !hb.is_irreflexive() || !eco.is_irreflexive() || !hb.then(&eco).is_irreflexive() {
            return None;
        }

        // The single total order of all that is SeqCst.
        let sc = self.set(|e| e.order == SeqCst);
        let sc_fences = sc & fences;
        let strongly = sb.or(&sw.within(sc, sc)).or(&sb.then(&hb).then(&sb)).transitive();
        let order = strongly
            .within(sc, sc)
            .or(&eco.within(sc, sc))
            .or(&eco.then(&hb).within(sc, sc_fences))
            .or(&hb.then(&eco).within(sc_fences, sc))
            .or(&hb.then(&eco).then(&hb).within(sc_fences, sc_fences));
        let is_in_order = sb.or(&rf).or(&mo).or(&order).is_acyclic();
        order.is_acyclic().then_some(is_in_order)
    }
}
