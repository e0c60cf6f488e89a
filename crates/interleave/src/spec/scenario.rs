//! Scenarios: how they are made up, told and made smaller, and what the specification
//! says to them.

use super::plan::{Call, Plan, State, Took};
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;
use std::ops::Range;

/// A call in a scenario: which one, of which object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Play {
    /// Which of the calls of the specification.
    pub kind: usize,
    /// Of which object.
    pub on: usize,
}

/// Who calls what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scenario {
    /// How the objects start.
    pub start: usize,
    /// Many calls by the thread that starts the others, first of all.
    pub warm_up: Option<WarmUp>,
    /// By the thread that starts the others, before it does.
    pub before: Vec<Play>,
    /// By each of the others.
    pub threads: Vec<Vec<Play>>,
    /// The thread that makes its calls in a destructor while it unwinds from a panic.
    pub unwinding: Option<usize>,
}

/// Calls of these kinds in turn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WarmUp {
    /// The kinds of calls.
    pub kinds: Vec<usize>,
    /// The number of calls.
    pub times: usize,
}

/// No thread makes more calls.
const MOST_CALLS: usize = 4;
/// Scenarios of at most this many calls are tried one after the other.
const SMALL: usize = 4;
/// A larger scenario has at most this many calls.
pub const LARGE: usize = 8;

impl Scenario {
    /// Of how many objects.
    pub fn objects(&self) -> usize {
        1 + self.calls().map(|play| play.on).max().unwrap_or(0)
    }

    fn calls(&self) -> impl Iterator<Item = &Play> {
        self.before.iter().chain(self.threads.iter().flatten())
    }

    fn calls_mut(&mut self) -> impl Iterator<Item = &mut Play> {
        self.before.iter_mut().chain(self.threads.iter_mut().flatten())
    }

    /// All scenarios of a few calls, in order of size. From three calls on, those of the first
    /// way to start come before those of the next.
    pub fn small(plan: &Plan) -> impl Iterator<Item = Scenario> {
        let starts = plan.starts.len();
        let smallest = (1..=2).flat_map(move |calls| Self::of_size(plan, calls, 0..starts));
        let others = (0..starts).flat_map(move |start| {
            (3..=SMALL).flat_map(move |calls| Self::of_size(plan, calls, start..start + 1))
        });
        smallest.chain(others)
    }

    /// How many calls there are that aren't the first of their kind.
    pub fn unusual_calls(&self, plan: &Plan) -> usize {
        let first = plan.first_kinds().next();
        self.calls().filter(|play| Some(play.kind) != first).count()
    }

    /// How many calls there are.
    pub fn size(&self) -> usize {
        self.calls().count()
    }

    /// All scenarios of `calls` calls: the usual arguments in all shapes first. Of the shapes, those of
    /// many threads come first, and one thread alone comes last.
    fn of_size(plan: &Plan, calls: usize, starts: Range<usize>) -> impl Iterator<Item = Scenario> {
        let kinds: Vec<usize> = plan.first_kinds().collect();
        let two_objects = plan.two_objects && calls == 2;
        let shapes = shapes(calls, plan.names.len());
        let count = shapes.len();
        // A number whose digits are the calls.
        let numbers = (kinds.len() as u64).saturating_pow(calls as u32);
        let all = (0..numbers).flat_map(move |number| (0..count).map(move |shape| (number, shape)));
        all.flat_map(move |(number, shape)| {
            let (before, shape) = &shapes[shape];
            let mut digits = number;
            let mut next = || {
                let kind = kinds[(digits % kinds.len() as u64) as usize];
                digits /= kinds.len() as u64;
                Play { kind, on: 0 }
            };
            let threads: Vec<Vec<Play>> =
                shape.iter().map(|&calls| (0..calls).map(|_| next()).collect()).collect();
            let before: Vec<Play> = (0..*before).map(|_| next()).collect();
            // Threads that change places make the same scenario.
            let is_first = |pair: &[Vec<Play>]| pair[0].len() != pair[1].len() || pair[0] <= pair[1];
            let is_new = threads.windows(2).all(is_first);
            let with_one = starts.clone().map(|start| (start, 0));
            let with_two = two_objects.then_some((0, 1));
            with_one.chain(with_two).filter(move |_| is_new).map(move |(start, second)| {
                let (before, threads) = (before.clone(), threads.clone());
                let mut scenario = Scenario { start, warm_up: None, before, threads, unwinding: None };
                if let Some(last) = scenario.calls_mut().last() {
                    last.on = second;
                }
                scenario.take_turns(plan);
                scenario
            })
        })
    }

    /// A scenario of more calls, by lot.
    pub fn drawn(plan: &Plan, lot: &mut Lot) -> Scenario {
        let mut calls: Vec<Vec<usize>> = vec![];
        for kind in plan.first_kinds() {
            match calls.last_mut().filter(|call| plan.kinds[call[0]].of == plan.kinds[kind].of) {
                Some(call) => call.push(kind),
                None => calls.push(vec![kind]),
            }
        }
        let usual = |n: usize, lot: &mut Lot| lot.below(n).min(lot.below(n));
        let start = usual(plan.starts.len(), lot);
        let objects = if plan.two_objects && lot.below(8) == 0 { 2 } else { 1 };
        let play = |lot: &mut Lot| {
            let call = &calls[lot.below(calls.len())];
            // The usual arguments are likelier than the extreme ones.
            Play { kind: call[usual(call.len(), lot)], on: lot.below(objects) }
        };
        // Now and then, one thread alone: that takes only a run or two.
        let threads = if lot.below(8) == 0 { 1 } else { 2 + lot.below(plan.names.len() - 1) };
        let before = (0..lot.below(3).min(threads - 1)).map(|_| play(lot)).collect();
        let mut left = LARGE;
        let mut calls_of_one = |others: usize, lot: &mut Lot| -> Vec<Play> {
            let most = (left - others).min(if threads > 1 { MOST_CALLS } else { LARGE });
            // A few calls are likelier than many.
            let calls = if threads > 1 { 1 + lot.below(most).min(lot.below(most)) } else { most };
            left -= calls;
            (0..calls).map(|_| play(lot)).collect()
        };
        let mut threads: Vec<Vec<Play>> =
            (0..threads).rev().map(|others| calls_of_one(others, lot)).collect();
        // Threads that change places make the same scenario.
        threads.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        let unwinding = (lot.below(4) == 0).then(|| lot.below(threads.len()));
        let mut scenario = Scenario { start, warm_up: None, before, threads, unwinding };
        scenario.take_turns(plan);
        scenario
    }

    /// Calls that take their arguments in turn do so.
    fn take_turns(&mut self, plan: &Plan) {
        let mut turns = vec![0; plan.kinds.len()];
        for play in self.calls_mut() {
            while plan.kinds[play.kind].in_turn == 0 {
                play.kind -= 1;
            }
            let turn = turns[play.kind] % plan.kinds[play.kind].in_turn.max(1);
            turns[play.kind] += 1;
            play.kind += turn;
        }
    }

    /// Scenarios that are smaller by one thread, call or argument.
    pub fn smaller(&self, plan: &Plan) -> Vec<Scenario> {
        let mut all = vec![];
        if self.warm_up.is_some() {
            all.push(Scenario { warm_up: None, ..self.clone() });
        }
        if self.unwinding.is_some() {
            all.push(Scenario { unwinding: None, ..self.clone() });
        }
        for thread in 0..self.threads.len() {
            let mut one = self.clone();
            one.threads.remove(thread);
            let later = |other| if other > thread { other - 1 } else { other };
            one.unwinding = self.unwinding.filter(|&other| other != thread).map(later);
            all.push(one);
        }
        for call in 0..self.before.len() {
            let mut one = self.clone();
            one.before.remove(call);
            all.push(one);
        }
        for thread in 0..self.threads.len() {
            for call in (0..self.threads[thread].len()).filter(|_| self.threads[thread].len() > 1) {
                let mut one = self.clone();
                one.threads[thread].remove(call);
                all.push(one);
            }
        }
        if self.objects() > 1 {
            let mut one = self.clone();
            one.calls_mut().for_each(|play| play.on = 0);
            all.push(one);
        }
        all.extend((0..self.start).map(|start| Scenario { start, ..self.clone() }));
        for (place, play) in self.calls().enumerate() {
            for kind in
                plan.first_kinds().filter(|&kind| kind < play.kind && plan.kinds[play.kind].in_turn == 1)
            {
                let mut one = self.clone();
                one.calls_mut().nth(place).expect("it has as many calls").kind = kind;
                all.push(one);
            }
        }
        // And all calls that do the same, at once.
        for from in self.calls().map(|play| play.kind).collect::<BTreeSet<_>>() {
            for to in plan.first_kinds().filter(|&to| to < from && plan.kinds[from].in_turn == 1) {
                let mut one = self.clone();
                one.calls_mut().filter(|play| play.kind == from).for_each(|play| play.kind = to);
                all.push(one);
            }
        }
        all.retain(|one| !one.threads.is_empty());
        all.iter_mut().for_each(|one| one.take_turns(plan));
        all
    }

    /// In words: "an account of 1000: Ann withdraws 700 and Bob withdraws 700 at the same
    /// time".
    pub fn story(&self, plan: &Plan) -> String {
        let two = self.objects() > 1;
        let say = |play: &Play| {
            let which = match play.on {
                _ if !two => "",
                0 => " (on the first)",
                _ => " (on the second)",
            };
            format!("{}{which}", plan.kinds[play.kind].text)
        };
        let mut text = format!("{}: ", plan.starts[self.start].text);
        if two {
            text.insert_str(0, "two of them, each ");
        }
        if let Some(WarmUp { kinds, times }) = &self.warm_up {
            let _ = write!(text, "first, main {}, {times} calls in all; after that, ", plan.in_words(kinds));
        }
        if !self.before.is_empty() {
            let before: Vec<String> = self.before.iter().map(say).collect();
            let _ = write!(text, "first, main {}; after that, ", before.join(", then "));
        }
        let threads: Vec<String> = (0..self.threads.len())
            .map(|thread| {
                let mut calls: Vec<(String, usize)> = vec![];
                for call in self.threads[thread].iter().map(say) {
                    match calls.last_mut().filter(|last| last.0 == call) {
                        Some(last) => last.1 += 1,
                        None => calls.push((call, 1)),
                    }
                }
                let times = |(call, n): &(String, usize)| {
                    if *n > 2 { format!("{call} {n} times") } else { vec![&call[..]; *n].join(", then ") }
                };
                let calls: Vec<String> = calls.iter().map(times).collect();
                let unwinds =
                    if self.unwinding == Some(thread) { ", while unwinding from a panic," } else { "" };
                format!("{}{unwinds} {}", plan.names[thread], calls.join(", then "))
            })
            .collect();
        let is_long = self.threads.iter().any(|calls| calls.len() > 1);
        match &threads[..] {
            [alone] => text.push_str(alone),
            [rest @ .., last] if is_long => {
                let _ = write!(text, "{}; and {last}; all at the same time", rest.join("; "));
            }
            [rest @ .., last] => {
                let _ = write!(text, "{} and {last} at the same time", rest.join(", "));
            }
            [] => text.push_str("nothing happens"),
        }
        text
    }
}

/// How many calls the scenario's own thread makes first, and then how many each of the
/// others.
fn shapes(calls: usize, threads: usize) -> Vec<(usize, Vec<usize>)> {
    fn parts(calls: usize, most: usize, threads: usize) -> Vec<Vec<usize>> {
        if calls == 0 {
            return vec![vec![]];
        }
        let first = (1..=most.min(calls)).filter(|_| threads > 0);
        let with = |first: usize| {
            let rest = parts(calls - first, first, threads - 1).into_iter();
            rest.map(move |rest| [vec![first], rest].concat())
        };
        first.flat_map(with).collect()
    }
    let with = |before: usize| {
        parts(calls - before, MOST_CALLS, threads).into_iter().map(move |shape| (before, shape))
    };
    let mut all: Vec<_> = (0..calls.min(2)).flat_map(with).collect();
    // One thread alone needs no beginning of its own.
    all.retain(|(before, shape)| *before == 0 || shape.len() > 1);
    all.sort_by_key(|(before, shape)| (shape.len() == 1, *before, Reverse(shape.len())));
    all
}

/// What the specification says to a scenario before it is run.
pub struct Foreseen {
    /// Some call may wait, for a while at least.
    pub waits: bool,
    /// No call ever waits for good.
    pub never_stuck: bool,
    /// Whatever waits can be freed by a further call, and what comes first does not wait.
    pub can_be_freed: bool,
    /// How many ways to go on were looked at.
    pub ways: usize,
    /// What the calls can return: by thread, in words. Empty if there are too many ways.
    pub endings: BTreeSet<Vec<String>>,
}

/// At most this many ways to go on are looked at; beyond that, a scenario is too large to be
/// foreseen.
const MOST_WAYS: usize = 1_500;

struct Oracle<'a> {
    plan: &'a Plan,
    calls: Vec<(Play, Call)>,
    /// How many of the calls come before the threads are there.
    before: usize,
    foreseen: Foreseen,
    ways: usize,
    told: bool,
    seen: HashMap<Vec<u8>, Vec<Vec<Box<dyn State>>>>,
}

impl Plan {
    /// The kinds to make scenarios of: of those that are called in turn, the first.
    pub fn first_kinds(&self) -> impl Iterator<Item = usize> {
        (0..self.kinds.len()).filter(|&kind| self.kinds[kind].in_turn > 0)
    }

    /// Of each call, the kind with the usual argument.
    pub fn usual_kinds(&self) -> impl Iterator<Item = usize> {
        self.first_kinds().filter(|&kind| self.kinds[kind].of == kind)
    }

    /// The state of an object when the calls of the scenario begin.
    pub fn state_before(&self, scenario: &Scenario) -> Box<dyn State> {
        let mut state = self.starts[scenario.start].model.copy();
        for (kind, call) in self.warm_up(scenario) {
            self.takes_effect(kind, &mut *state, call);
        }
        state
    }

    /// The calls that come first of all.
    pub fn warm_up(&self, scenario: &Scenario) -> impl Iterator<Item = (usize, Call)> {
        let warm_up = scenario.warm_up.iter();
        warm_up.flat_map(|WarmUp { kinds, times }| {
            (0..*times).map(|number| (self.in_turn(kinds, number), Call::before_all(number)))
        })
    }

    /// Goes through all orders of the calls. What they can return is told if `told`.
    pub fn foresee(&self, scenario: &Scenario, told: bool) -> Foreseen {
        let with_thread = |(thread, calls): (usize, &Vec<Play>)| {
            calls.iter().map(move |&play| (play, thread)).collect::<Vec<_>>()
        };
        let threads = (1..).zip(&scenario.threads).flat_map(with_thread);
        let all = scenario.before.iter().map(|&play| (play, 0)).chain(threads);
        let calls = all.enumerate().map(|(number, (play, thread))| (play, Call { number, thread })).collect();
        let foreseen = Foreseen {
            waits: false,
            never_stuck: true,
            can_be_freed: true,
            ways: 0,
            endings: BTreeSet::new(),
        };
        let before = scenario.before.len();
        let mut oracle = Oracle { plan: self, calls, before, foreseen, ways: 0, told, seen: HashMap::new() };
        let states: Vec<_> = (0..scenario.objects()).map(|_| self.state_before(scenario)).collect();
        let progress = vec![0; oracle.calls.len()];
        let mut said = vec![String::new(); oracle.calls.len()];
        oracle.go_on(&progress, &states, &mut said);
        let mut foreseen = oracle.foreseen;
        foreseen.ways = oracle.ways;
        if oracle.ways >= MOST_WAYS {
            (foreseen.never_stuck, foreseen.can_be_freed) = (false, false);
            foreseen.endings.clear();
        }
        foreseen
    }

    /// A call that would not wait, and after which one of these could go on.
    pub fn rescue(&self, states: &[&dyn State], pending: &[(usize, Call)], next: Call) -> Option<usize> {
        let frees = |kind: usize, state: &dyn State| {
            let mut state = state.copy();
            self.takes_effect(kind, &mut *state, next)
                && pending.iter().any(|&(waiting, call)| self.takes_effect(waiting, &mut *state.copy(), call))
        };
        (0..self.kinds.len()).find(|&kind| states.iter().all(|&state| frees(kind, state)))
    }
}

impl Oracle<'_> {
    /// `progress` is 0 for a call that has not begun, 1 for one that has had its first
    /// effect, and 2 for one that is over.
    fn go_on(&mut self, progress: &[u8], states: &[Box<dyn State>], said: &mut Vec<String>) {
        self.ways += 1;
        let seen = self.seen.entry(progress.to_vec()).or_default();
        let been_here = |s: &Vec<Box<dyn State>>| s.iter().zip(states).all(|(a, b)| a.is_same(&**b));
        if self.ways >= MOST_WAYS || (!self.told && seen.iter().any(been_here)) {
            return;
        }
        seen.push(states.iter().map(|state| state.copy()).collect());
        let (mut waiting, mut went_on) = (vec![], false);
        for (i, &(play, call)) in self.calls.clone().iter().enumerate() {
            let earlier = |j: usize| j < self.before || self.calls[j].1.thread == call.thread;
            if progress[i] == 2 || (0..i).any(|j| earlier(j) && progress[j] != 2) {
                continue;
            }
            let mut next: Vec<Box<dyn State>> = states.iter().map(|state| state.copy()).collect();
            let mut progress = progress.to_vec();
            match (self.plan.kinds[play.kind].model)(&mut *next[play.on], call, None) {
                Took::Waits => waiting.push((i, play, call)),
                Took::Later if progress[i] == 1 => waiting.push((i, play, call)),
                Took::Later => {
                    progress[i] = 1;
                    went_on = true;
                    self.go_on(&progress, &next, said);
                }
                Took::Returns { text, may_wait, .. } => {
                    if may_wait {
                        waiting.push((i, play, call));
                    }
                    progress[i] = 2;
                    went_on = true;
                    if self.told {
                        said[i] = text.map_or("…".into(), |text| text());
                    }
                    self.go_on(&progress, &next, said);
                    said[i].clear();
                }
            }
        }
        if waiting.is_empty() && !went_on && self.told {
            self.foreseen.endings.insert(said.clone());
        }
        self.foreseen.waits |= !waiting.is_empty();
        if waiting.iter().any(|(i, ..)| *i < self.before) {
            (self.foreseen.never_stuck, self.foreseen.can_be_freed) = (false, false);
            return;
        }
        let ended_or_waits = |i: usize| progress[i] == 2 || waiting.iter().any(|w| w.0 == i);
        let all_wait = !waiting.is_empty()
            && (0..self.calls.len()).all(|i| {
                let mine = self.calls[i].1.thread;
                ended_or_waits(i) || waiting.iter().any(|w| w.2.thread == mine && w.0 < i)
            });
        if all_wait {
            self.foreseen.never_stuck = false;
            self.foreseen.can_be_freed &= self.is_freed(progress, states);
        }
    }

    /// Whether further calls free everyone, one after the other.
    fn is_freed(&mut self, progress: &[u8], states: &[Box<dyn State>]) -> bool {
        let (mut progress, mut states) =
            (progress.to_vec(), states.iter().map(|s| s.copy()).collect::<Vec<_>>());
        for number in 0.. {
            // Everyone who can goes on.
            let mut moved = true;
            while std::mem::take(&mut moved) {
                for i in 0..self.calls.len() {
                    let (play, call) = self.calls[i];
                    let earlier = |j: usize| j < self.before || self.calls[j].1.thread == call.thread;
                    if progress[i] == 2 || (0..i).any(|j| earlier(j) && progress[j] != 2) {
                        continue;
                    }
                    let mut next = states[play.on].copy();
                    match (self.plan.kinds[play.kind].model)(&mut *next, call, None) {
                        Took::Returns { .. } => progress[i] = 2,
                        Took::Later if progress[i] == 0 => progress[i] = 1,
                        _ => continue,
                    }
                    (states[play.on], moved) = (next, true);
                }
            }
            let stuck = |on: usize| {
                let waits = |i: &usize| {
                    let (play, call) = self.calls[*i];
                    let earlier = |j: usize| j < self.before || self.calls[j].1.thread == call.thread;
                    play.on == on && progress[*i] != 2 && !(0..*i).any(|j| earlier(j) && progress[j] != 2)
                };
                (0..self.calls.len()).filter(waits).map(|i| (self.calls[i].0.kind, self.calls[i].1)).collect()
            };
            let stuck: Vec<Vec<(usize, Call)>> = (0..states.len()).map(stuck).collect();
            let Some(on) = stuck.iter().position(|pending| !pending.is_empty()) else { return true };
            let next = Call { number: self.calls.len() + number, thread: 0 };
            let Some(kind) = self.plan.rescue(&[&*states[on]], &stuck[on], next) else { return false };
            if number > 16 || !self.plan.takes_effect(kind, &mut *states[on], next) {
                return false;
            }
        }
        unreachable!("it is given up before the numbers end")
    }
}

/// Draws lots from a fixed seed (Marsaglia 2003, "Xorshift RNGs").
pub struct Lot(u64);

impl Default for Lot {
    /// Always the same.
    fn default() -> Self {
        Lot(0x9E37_79B9_7F4A_7C15)
    }
}

impl Lot {
    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 33) % n.max(1) as u64) as usize
    }
}
