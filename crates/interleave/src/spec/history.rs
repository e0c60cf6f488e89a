//! What happened in one run, and whether the specification explains it.

use super::plan::{Call, Kind, Said, State, Took};
use crate::engine::{Clock, World, world};
use std::collections::HashMap;

/// A point in the life of a thread, and what the thread knows of the others by then.
#[derive(Clone)]
pub struct Moment(Clock);

impl Moment {
    /// The last step of the running thread, and all that happened before it.
    pub fn of_the_last_step() -> Self {
        Moment(world(|w| w.threads[w.current].clock.clone()))
    }

    /// The same, and something that the thread does now without a step, as a write to
    /// plain memory: another thread knows of it once it knows of a later step.
    pub fn of_a_write() -> Self {
        world(|w| w.threads[w.current].clock.tick(w.current));
        Self::of_the_last_step()
    }

    /// Whether a thread that is at `later` knows of everything up to here.
    fn is_known_at(&self, later: &Moment) -> bool {
        self.0.is_before(&later.0)
    }
}

/// A call that was made.
pub struct Made {
    /// Which of the calls of the specification.
    pub kind: usize,
    /// Of which object.
    pub on: usize,
    /// By which thread; 0 is the scenario's own.
    pub by: usize,
    /// What the specification knows it by.
    pub call: Call,
    began: Moment,
    /// How many calls had returned when it began.
    after: usize,
    /// The how-manieth call to return it was, what its thread knew by then, and what it
    /// returned.
    pub end: Option<(usize, Moment, Said)>,
}

/// The calls of a run, in the order in which they began.
#[derive(Default)]
pub struct History {
    /// The calls.
    pub calls: Vec<Made>,
    returned: usize,
    /// A thread has panicked.
    pub panicked: bool,
}

impl History {
    /// A call begins; its number.
    pub fn begin(&mut self, kind: usize, on: usize, by: usize) -> usize {
        let (began, after) = (Moment::of_a_write(), self.returned);
        // To call again is not to look again.
        world(World::forget_looks);
        let call = self.next_by(by);
        self.calls.push(Made { kind, on, by, call, began, after, end: None });
        self.calls.len() - 1
    }

    /// The call of this number returns.
    pub fn end(&mut self, call: usize, said: Said) {
        self.calls[call].end = Some((self.returned, Moment::of_the_last_step(), said));
        self.returned += 1;
    }

    /// The next call of this thread: it has the same number in every run.
    pub fn next_by(&self, by: usize) -> Call {
        let earlier = self.calls.iter().filter(|call| call.by == by).count();
        Call { number: by << 16 | earlier, thread: by }
    }

    /// Which calls have not returned.
    pub fn pending(&self) -> Vec<usize> {
        (0..self.calls.len()).filter(|&i| self.calls[i].end.is_none()).collect()
    }

    /// Whether call `a` comes before call `b`: it had returned, and `b`'s thread could
    /// know it.
    fn comes_before(&self, a: usize, b: usize, stale: bool) -> bool {
        let (first, second) = (&self.calls[a], &self.calls[b]);
        let Some((returned, moment, _)) = &first.end else { return false };
        let in_time = *returned < second.after;
        // What was returned from the past may miss what happened since, but nothing of
        // the future.
        in_time && (first.by == second.by || stale || moment.is_known_at(&second.began))
    }

    /// What the judge has to know of the calls of one object.
    pub fn facts(&self, on: usize, kinds: &[Kind]) -> Facts<'_> {
        let mut calls: Vec<usize> = (0..self.calls.len()).filter(|&i| self.calls[i].on == on).collect();
        // In the same order, whichever call began first.
        calls.sort_by_key(|&i| self.calls[i].by);
        let mask = |f: &dyn Fn(usize) -> bool| {
            calls.iter().enumerate().filter(|(_, i)| f(**i)).fold(0_u64, |mask, (at, _)| mask | 1 << at)
        };
        let fact = |&i: &usize| {
            let call = &self.calls[i];
            let stale = kinds[call.kind].stale;
            Fact {
                kind: call.kind,
                call: call.call,
                said: call.end.as_ref().map(|(_, _, said)| said),
                before: mask(&|j| self.comes_before(j, i, kinds[self.calls[j].kind].stale && !stale)),
                sees: call
                    .end
                    .as_ref()
                    .map_or(0, |(_, end, _)| mask(&|j| self.calls[j].began.is_known_at(end))),
            }
        };
        Facts(calls.iter().map(fact).collect())
    }
}

/// A call, as far as the judge is concerned.
struct Fact<'a> {
    kind: usize,
    call: Call,
    said: Option<&'a Said>,
    /// The calls that came before it, as a bit mask.
    before: u64,
    /// The calls whose beginning its thread knew of at its end.
    sees: u64,
}

/// What the judge has to know of a history.
pub struct Facts<'a>(Vec<Fact<'a>>);

/// What the specification says to a history.
#[derive(Default)]
pub struct Judged {
    /// What the object may be like now; there is nothing if no order of the calls
    /// explains what they returned.
    pub states: Vec<Box<dyn State>>,
    /// A call that explains itself only if it had not to see another, and that other.
    pub unseen: Option<(Call, Call)>,
    /// There are too many orders to go through.
    pub gave_up: bool,
}

/// At most this many states are gone through.
const MOST_STATES: usize = 2_000;

impl Facts<'_> {
    /// Tells histories apart: two with the same key are judged alike.
    pub fn key(&self) -> Vec<u8> {
        let mut key = vec![];
        for fact in &self.0 {
            key.extend([fact.kind as u8, fact.call.thread as u8]);
            key.extend(fact.before.to_le_bytes());
            key.extend(fact.sees.to_le_bytes());
            key.extend(fact.said.map_or("", |said| &said.text).as_bytes());
            key.push(u8::from(fact.said.is_some()));
        }
        key
    }

    /// Looks for an order of the calls in which the specification returns the same, and
    /// in which it lets wait what has not returned.
    pub fn judge(&self, start: &dyn State, kinds: &[Kind]) -> Judged {
        let fresh = self.0.iter().enumerate().filter(|(_, fact)| !kinds[fact.kind].stale);
        let all = fresh.fold(0, |mask, (i, _)| mask | 1 << i);
        let explain = |calls, must_see| {
            let mut search =
                Search { facts: self, kinds, calls, must_see, ..Search::default_of(self, kinds) };
            search.go_on(0, 0, start);
            search
        };
        let explained = explain(all, true);
        if explained.states > MOST_STATES {
            return Judged { gave_up: true, ..Judged::default() };
        }
        if explained.ends.is_empty() {
            let unseen = explain(all, false).unseen;
            return Judged { unseen, ..Judged::default() };
        }
        // What may be stale has to fit only by itself.
        let stale = (0..self.0.len()).filter(|i| all & 1 << i == 0 && self.0[*i].said.is_some());
        for one in stale {
            if explain(all | 1 << one, true).ends.is_empty() {
                return Judged::default();
            }
        }
        Judged { states: explained.ends, ..Judged::default() }
    }
}

/// A depth-first search for an order of the calls (Wing and Gong 1993), which remembers
/// where it has been (Lowe 2017).
struct Search<'a> {
    facts: &'a Facts<'a>,
    kinds: &'a [Kind],
    /// The calls in question.
    calls: u64,
    must_see: bool,
    seen: HashMap<(u64, u64), Vec<Box<dyn State>>>,
    states: usize,
    ends: Vec<Box<dyn State>>,
    unseen: Option<(Call, Call)>,
}

impl<'a> Search<'a> {
    fn default_of(facts: &'a Facts<'a>, kinds: &'a [Kind]) -> Self {
        let (seen, ends) = (HashMap::new(), vec![]);
        Search { facts, kinds, calls: 0, must_see: true, seen, states: 0, ends, unseen: None }
    }

    /// `done` have taken effect, and `half` have begun to.
    fn go_on(&mut self, done: u64, half: u64, state: &dyn State) {
        let been_here = self.seen.entry((done, half)).or_default();
        if been_here.iter().any(|other| other.is_same(state)) {
            return;
        }
        been_here.push(state.copy());
        self.states += 1;
        if self.states > MOST_STATES {
            return;
        }
        let mut is_end = true;
        let (facts, calls) = (self.facts, self.calls);
        for (i, fact) in facts.0.iter().enumerate().filter(|(i, _)| calls & !done & 1 << i != 0) {
            if fact.before & calls & !done != 0 {
                is_end = false;
                continue;
            }
            let mut next = state.copy();
            match (self.kinds[fact.kind].model)(&mut *next, fact.call, fact.said) {
                Took::Waits => is_end &= fact.said.is_none(),
                Took::Later if half & 1 << i != 0 => is_end &= fact.said.is_none(),
                Took::Later => {
                    is_end = false;
                    self.go_on(done, half | 1 << i, &*next);
                }
                Took::Returns { may_wait, .. } if fact.said.is_none() => is_end &= may_wait,
                Took::Returns { fits, sees, .. } => {
                    is_end = false;
                    let is_known = |call: &Call| {
                        let place = self.facts.0.iter().position(|fact| fact.call == *call);
                        call.is_before_all() || place.is_some_and(|place| fact.sees & 1 << place != 0)
                    };
                    let unseen = sees.iter().copied().find(|call| !is_known(call));
                    if fits && (unseen.is_none() || !self.must_see) {
                        if let Some(unseen) = unseen {
                            self.unseen.get_or_insert((fact.call, unseen));
                        }
                        self.go_on(done | 1 << i, half, &*next);
                    }
                }
            }
        }
        if is_end && !self.ends.iter().any(|other| other.is_same(state)) {
            self.ends.push(state.copy());
        }
    }
}
