//! One run for each class of equivalent interleavings.
//!
//! Two interleavings are equivalent if they differ only in the order of independent steps; a class of them is a *trace*
//! (Mazurkiewicz 1977). The search is dynamic partial order reduction with source sets: P. A. Abdulla, S. Aronis, B. Jonsson and
//! K. Sagonas, "Source Sets: A Foundation for Optimal Dynamic Partial Order Reduction", JACM 2017. After each run it looks for
//! *races*: two steps of different threads, next to each other in some equivalent run, whose order matters. For each race
//! it makes sure that some run has them the other way around. A *sleep set* keeps out what was tried before.
//!
//! Of the steps that can begin the reversed run, the later step of the race itself is preferred, and otherwise the last
//! one. On the programs of the literature that makes the number of runs the number of traces. The wakeup trees of the
//! paper's optimal algorithm would guarantee it for every program. They also need sequences of steps that can be followed in another
//! run, where an object that two threads come to first at the same time has another number.
//!
//! # How what std does becomes steps
//! - **Blocking.** A race can be reversed only if the later step is possible before the earlier one. So from the later step the
//!   search goes back through the steps in conflict with it, and asks of each whether the thread could have gone on there:
//!   each step says what it [needs](crate::Need), and each use of an object leaves the [level](crate::Object::level) behind that
//!   answers. For a lock that finds the acquisition before; no rule is about locks.
//! - **The end of a run.** A thread that still waits has a step that never happened. It races as if it had.
//! - **Joins** come at once, without a question. What a joined thread did happens before the next step of the thread that
//!   joined it.
//! - **Data**: which store a load returns, which waiter a notification wakes, whether a weak exchange fails. A question within a
//!   step. All answers are tried, and the thread falls asleep with everything that they used together.
//! - **Faults.** A thread that may wake for no reason is one that can always go on, while faults are left. How many are
//!   left is no object: each run with a fault begins like one without it, in which the same threads race.
//! - **Time** passes when no thread can go on. That step happens after everything before it, and before everything after it.
//!   While faults are left, the thread's time may also end early there. To the thread that is the same, but it is a step like
//!   any other, which could have come before those that it doesn't depend on.
//! - **Loops that wait.** A thread that looks again at what no other thread changed waits for a change: see
//!   [`reads`](crate::reads).
//! - **Releases** belong to the step before them, unless a thread looks without waiting (`Settings::watch_releases`).

use super::{Choice, Kind, Moment, NOT_DETERMINISTIC, Touch, Use};
use crate::object::{CLOCK, ObjectId};
use crate::step::Need;
use crate::thread::{Thread, Tid, Wants};
use std::rc::Rc;
use std::time::Duration;

/// A set of positions in a run.
#[derive(Clone, Default, Debug)]
struct Positions(Vec<u64>);

impl Positions {
    fn has(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    fn insert(&mut self, at: usize) {
        if self.0.len() <= at / 64 {
            self.0.resize(at / 64 + 1, 0);
        }
        self.0[at / 64] |= 1 << (at % 64);
    }

    fn extend(&mut self, other: &Positions) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine |= theirs);
    }

    /// Forgets the positions from `end` on.
    fn truncate(&mut self, end: usize) {
        self.0.truncate(end.div_ceil(64));
        if let Some(last) = self.0.get_mut(end / 64) {
            *last &= (1 << (end % 64)) - 1;
        }
    }

    fn meets(&self, other: &Positions) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    /// The members, the last one first.
    fn backwards(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().rev().flat_map(|(i, &word)| {
            let mut word = word;
            std::iter::from_fn(move || {
                (word != 0).then(|| {
                    let bit = 63 - word.leading_zeros() as usize;
                    word &= !(1 << bit);
                    i * 64 + bit
                })
            })
        })
    }
}

/// How a step used an object, and the object's level before and after it.
#[derive(Clone, Copy, Debug)]
struct Used {
    object: ObjectId,
    how: Use,
    before: u64,
    after: u64,
}

/// A step that was taken.
struct Event {
    who: Tid,
    /// How many faults happened in it; until it is over, how many were left before it.
    faults: u32,
    /// Where it was chosen.
    node: usize,
    used: Vec<Used>,
    /// The threads that it started.
    started: Vec<Tid>,
    wants: Wants,
    /// Time passed, because no thread could go on.
    is_idle: bool,
    /// The steps that happen before it.
    past: Positions,
}

/// A thread that must not be tried again before something happens that its step depends on.
struct Asleep {
    who: Tid,
    used: Vec<(ObjectId, Use)>,
    /// The objects that there were: what has a higher number in `used` may have another number in another run.
    objects: usize,
}

/// A question, and what was answered.
enum Node {
    Turn {
        /// The choices, as there were.
        choices: Vec<(Tid, Kind)>,
        asleep: Vec<Rc<Asleep>>,
        /// What is still to be tried.
        todo: Vec<Tid>,
        taken: (Tid, Kind),
        /// What `taken` has used, over all answers within the step.
        used: Vec<(ObjectId, Use)>,
        /// The objects that there were.
        objects: usize,
        /// The step that was chosen.
        event: usize,
    },
    Data {
        /// The step that it is within.
        event: usize,
        of: usize,
        taken: usize,
    },
}

/// Which steps of the current run have used an object, and how.
#[derive(Default, Clone)]
struct Uses {
    by_how: [Positions; 3],
    /// The object's level before any of them.
    first: Option<u64>,
}

/// One run of each class of equivalent interleavings.
#[derive(Default)]
pub struct Traces {
    nodes: Vec<Node>,
    /// The number of the next question.
    depth: usize,
    /// How many of the questions so far were about threads.
    turns: usize,
    events: Vec<Event>,
    /// By object.
    uses: Vec<Uses>,
    /// By thread: its last step.
    last: Vec<Option<usize>>,
    /// The last step in which time passed.
    last_idle: Option<usize>,
    /// The first step that the run before did not have.
    fresh: usize,
    /// The step under way has not been given its place yet.
    is_open: bool,
    /// Everything from here on was tried in another order; the run is only finished.
    pub redundant: bool,
    /// A run was so long that it was not followed to its end.
    pub coasted: bool,
    /// The run is long: no questions any more.
    coasts: bool,
}

impl Traces {
    pub(super) fn pick(&mut self, choices: &[Choice], moment: &Moment<'_>) -> Result<Choice, String> {
        if self.redundant || self.coasts {
            return Ok(choices[0]);
        }
        if let Kind::Data(_) = choices[0].kind {
            return self.pick_data(choices);
        }
        self.close(moment);
        let depth = self.depth;
        self.depth += 1;
        if let Some(node) = self.nodes.get(depth) {
            let Node::Turn { choices: before, taken, .. } = node else {
                return Err(NOT_DETERMINISTIC.into());
            };
            if before.len() != choices.len() {
                return Err(NOT_DETERMINISTIC.into());
            }
            let taken = *taken;
            let choice =
                choices.iter().find(|c| (c.who, c.kind) == taken).copied().ok_or(NOT_DETERMINISTIC)?;
            self.open(depth, choice, moment);
            return Ok(choice);
        }
        let asleep = self.still_asleep();
        // The same thread goes on if it can, and otherwise the next one.
        let last = self.events.last().map_or(0, |e| e.who);
        let order = |c: &&Choice| (c.kind == Kind::Fault, c.cost > 0 && c.who == last, c.who < last, c.who);
        let awake = choices.iter().filter(|c| asleep.iter().all(|sleeper| sleeper.who != c.who));
        let Some(&choice) = awake.min_by_key(order) else {
            self.redundant = true;
            return Ok(choices[0]);
        };
        self.nodes.push(Node::Turn {
            choices: choices.iter().map(|c| (c.who, c.kind)).collect(),
            asleep,
            todo: vec![],
            taken: (choice.who, choice.kind),
            used: vec![],
            objects: moment.objects.len(),
            event: self.turns,
        });
        self.open(depth, choice, moment);
        Ok(choice)
    }

    fn pick_data(&mut self, choices: &[Choice]) -> Result<Choice, String> {
        let depth = self.depth;
        self.depth += 1;
        match self.nodes.get(depth) {
            Some(&Node::Data { of, taken, .. }) if of == choices.len() => Ok(choices[taken]),
            Some(_) => Err(NOT_DETERMINISTIC.into()),
            None => {
                // Before the first question about threads there is nobody to race with, but all answers are tried all the same.
                let event = self.turns.saturating_sub(1);
                self.nodes.push(Node::Data { event, of: choices.len(), taken: 0 });
                Ok(choices[0])
            }
        }
    }

    /// A thread begins its step.
    fn open(&mut self, node: usize, choice: Choice, moment: &Moment<'_>) {
        self.is_open = true;
        self.turns += 1;
        let number = self.turns - 1;
        if number < self.fresh {
            return;
        }
        debug_assert_eq!(number, self.events.len());
        let is_idle = moment.is_idle && choice.kind == Kind::Turn;
        self.events.push(Event {
            who: choice.who,
            faults: moment.faults_left,
            node,
            used: vec![],
            started: vec![],
            wants: moment.threads[choice.who].wants(moment),
            is_idle,
            past: Positions::default(),
        });
    }

    /// The step under way is over.
    fn close(&mut self, moment: &Moment<'_>) {
        if !std::mem::take(&mut self.is_open) {
            return;
        }
        let number = self.turns - 1;
        if number < self.fresh {
            return;
        }
        let mut used: Vec<Used> = Vec::with_capacity(moment.used.len());
        for &Touch { object, how, level } in moment.used {
            match used.iter_mut().find(|used| used.object == object) {
                Some(known) if known.how == how => {}
                Some(known) => known.how = Use::Write,
                None => {
                    let after = moment.objects[object as usize].level;
                    used.push(Used { object, how, before: level, after });
                }
            }
        }
        let (who, is_idle) = (self.events[number].who, self.events[number].is_idle);
        let past = self.past(who, &used, is_idle);
        if let Node::Turn { used: all, .. } = &mut self.nodes[self.events[number].node] {
            for used in &used {
                if !all.contains(&(used.object, used.how)) {
                    all.push((used.object, used.how));
                }
            }
        }
        for used in &used {
            let object = used.object as usize;
            if self.uses.len() <= object {
                self.uses.resize_with(object + 1, Uses::default);
            }
            let uses = &mut self.uses[object];
            uses.by_how[used.how as usize].insert(number);
            uses.first.get_or_insert(used.before);
        }
        if is_idle {
            self.last_idle = Some(number);
        }
        let event = &mut self.events[number];
        event.faults -= moment.faults_left;
        (event.past, event.used) = (past, used);
        event.started.extend_from_slice(moment.started);
        for who in [who].into_iter().chain(moment.started.iter().copied()) {
            self.is_last(who, number);
        }
    }

    fn is_last(&mut self, who: Tid, number: usize) {
        if self.last.len() <= who {
            self.last.resize(who + 1, None);
        }
        self.last[who] = Some(number);
    }

    fn last_of(&self, who: Tid) -> Option<usize> {
        self.last.get(who).copied().flatten()
    }

    /// The steps so far that conflict with one that uses this.
    fn conflicts(&self, used: &[Used]) -> Positions {
        let mut all = Positions::default();
        for Used { object, how, .. } in used {
            let Some(uses) = self.uses.get(*object as usize) else { continue };
            for other in [Use::Read, Use::Share, Use::Write] {
                if how.conflicts_with(other) {
                    all.extend(&uses.by_how[other as usize]);
                }
            }
        }
        all
    }

    /// The steps so far that happen before the next step of `who`, which uses this.
    fn past(&self, who: Tid, used: &[Used], is_idle: bool) -> Positions {
        let mut past = Positions::default();
        if is_idle {
            for at in 0..self.events.len() - 1 {
                past.insert(at);
            }
            return past;
        }
        let direct = [self.last_of(who), self.last_idle];
        for at in direct.into_iter().flatten() {
            past.insert(at);
            past.extend(&self.events[at].past);
        }
        for at in self.conflicts(used).backwards() {
            if !past.has(at) {
                past.insert(at);
                past.extend(&self.events[at].past);
            }
        }
        past
    }

    /// The threads that stay asleep after the step that was taken last.
    fn still_asleep(&self) -> Vec<Rc<Asleep>> {
        let Some(event) = self.events.last() else { return vec![] };
        let Node::Turn { asleep, .. } = &self.nodes[event.node] else { unreachable!("a step is a turn") };
        if event.is_idle {
            return vec![];
        }
        let may_be_same =
            |a: ObjectId, b: ObjectId, known: usize| a == b || (a as usize >= known && b as usize >= known);
        let stays = |sleeper: &&Rc<Asleep>| {
            let touches = |&(object, how): &(ObjectId, Use)| {
                event.used.iter().any(|used| {
                    may_be_same(used.object, object, sleeper.objects) && used.how.conflicts_with(how)
                })
            };
            sleeper.who != event.who && !sleeper.used.iter().any(touches)
        };
        asleep.iter().filter(stays).cloned().collect()
    }

    pub(super) fn coasts(&mut self, moment: &Moment<'_>) {
        if !self.coasts && !self.redundant {
            self.close(moment);
            self.races(&[]);
        }
        (self.coasts, self.coasted) = (true, true);
    }

    pub(super) fn ends(&mut self, moment: &Moment<'_>) {
        if self.coasts {
            return;
        }
        if !self.redundant {
            self.close(moment);
        }
        let waiting: Vec<(Tid, Wants)> = if self.redundant {
            vec![]
        } else {
            let waits = |(who, thread): (Tid, &Thread)| {
                let wants = thread.pending(moment)?;
                Some((who, wants))
            };
            moment.threads.iter().enumerate().filter_map(waits).collect()
        };
        self.races(&waiting);
    }

    /// Backs up to the next run; false when there is none.
    pub fn next_run(&mut self) -> bool {
        (self.depth, self.turns) = (0, 0);
        (self.redundant, self.coasts, self.is_open) = (false, false, false);
        while let Some(node) = self.nodes.last_mut() {
            let event = match node {
                Node::Data { of, taken, event } => {
                    *taken += 1;
                    (*taken < *of).then_some(*event)
                }
                Node::Turn { taken, choices, event, .. }
                    if taken.1 == Kind::Turn && choices.contains(&(taken.0, Kind::Fault)) =>
                {
                    taken.1 = Kind::Fault;
                    Some(*event)
                }
                Node::Turn { asleep, todo, taken, used, objects, choices, event } => {
                    asleep.push(Rc::new(Asleep {
                        who: taken.0,
                        used: std::mem::take(used),
                        objects: *objects,
                    }));
                    todo.retain(|who| asleep.iter().all(|sleeper| sleeper.who != *who));
                    let next = (!todo.is_empty()).then(|| todo.remove(0));
                    next.and_then(|next| choices.iter().find(|choice| choice.0 == next)).map(|next| {
                        *taken = *next;
                        *event
                    })
                }
            };
            if let Some(event) = event {
                self.go_back_to(event);
                return true;
            }
            self.nodes.pop();
        }
        false
    }

    /// Forgets the steps from this one on.
    fn go_back_to(&mut self, fresh: usize) {
        self.fresh = fresh;
        self.events.truncate(fresh);
        for uses in &mut self.uses {
            uses.by_how.iter_mut().for_each(|p| p.truncate(fresh));
            if uses.by_how.iter().all(|p| p.backwards().next().is_none()) {
                uses.first = None;
            }
        }
        self.last_idle = self.events.iter().rposition(|e| e.is_idle);
        self.last.clear();
        for number in 0..self.events.len() {
            self.is_last(self.events[number].who, number);
            for i in 0..self.events[number].started.len() {
                self.is_last(self.events[number].started[i], number);
            }
        }
    }

    /// Looks for the races of the steps that are new in this run, and of what its threads `wait` for at its end.
    fn races(&mut self, waiting: &[(Tid, Wants)]) {
        let n = self.events.len();
        let mut last: Vec<Option<usize>> = vec![];
        let last_of = |last: &[Option<usize>], who: Tid| last.get(who).copied().flatten();
        for j in 0..n {
            let who = self.events[j].who;
            if j >= self.fresh {
                let mut conflicts = self.conflicts(&self.events[j].used);
                conflicts.truncate(j);
                let step = Step { who, at: j, last: last_of(&last, who) };
                self.races_of(&step, conflicts, &self.events[j].wants.clone());
            }
            for who in [who].into_iter().chain(self.events[j].started.iter().copied()) {
                if last.len() <= who {
                    last.resize(who + 1, None);
                }
                last[who] = Some(j);
            }
        }
        for (who, wants) in waiting {
            let conflicts = self.conflicts(&pending(wants));
            let step = Step { who: *who, at: n, last: last_of(&last, *who) };
            self.races_of(&step, conflicts, wants);
        }
    }

    fn races_of(&mut self, step: &Step, mut conflicts: Positions, wants: &Wants) {
        // What wakes because time passes could have woken before any step.
        let is_idle = self.events.get(step.at).is_some_and(|e| e.is_idle);
        for at in 0..step.at {
            if is_idle || self.events[at].is_idle {
                conflicts.insert(at);
            }
        }
        let mut settled: Vec<usize> = vec![];
        for i in conflicts.backwards() {
            let e = &self.events[i];
            let is_ordered = e.who == step.who
                || step.last.is_some_and(|last| last == i || self.events[last].past.has(i))
                || settled.iter().any(|&k| self.events[k].past.has(i));
            if !is_ordered && self.reverse(i, step, wants) {
                settled.push(i);
            }
        }
    }

    /// Sees to it that the step is tried before the earlier one, `i`; false if it isn't possible there.
    fn reverse(&mut self, i: usize, step: &Step, wants: &Wants) -> bool {
        let mut before_step = Positions::default();
        if let Some(last) = step.last {
            before_step.insert(last);
            before_step.extend(&self.events[last].past);
        }
        match self.events.get(step.at) {
            Some(event) if event.is_idle => {}
            Some(event) => before_step.extend(&event.past),
            None => before_step.extend(&self.conflicts(&pending(wants))),
        }
        let stays = |k: usize| k > i && k < step.at && !self.events[k].past.has(i);
        let is_first = !before_step.backwards().take_while(|&k| k > i).any(stays);
        let node = self.events[i].node;
        let Node::Turn { choices, .. } = &self.nodes[node] else { unreachable!("a step is a turn") };
        let can = if is_first {
            choices.iter().any(|choice| choice.0 == step.who)
        } else {
            self.is_possible(i, step, wants)
        };
        if !can {
            return false;
        }
        // The steps between that don't need `i`, and of these the ones that could be the first.
        let mut between = Positions::default();
        let mut first: Vec<Tid> = vec![];
        for k in (i + 1..step.at).filter(|&k| stays(k)) {
            if !self.events[k].past.meets(&between) {
                first.push(self.events[k].who);
            }
            between.insert(k);
        }
        if is_first {
            first.push(step.who);
        }
        let Node::Turn { asleep, todo, taken, choices, .. } = &mut self.nodes[node] else { unreachable!() };
        let is_tried = |who: &Tid| {
            taken.0 == *who || todo.contains(who) || asleep.iter().any(|sleeper| sleeper.who == *who)
        };
        if !first.iter().any(is_tried)
            && let Some(&who) = first.iter().rev().find(|who| choices.iter().any(|choice| choice.0 == **who))
        {
            todo.push(who);
        }
        true
    }

    /// Whether the step is possible after the steps before `i`, and those after `i` that don't need it.
    fn is_possible(&self, i: usize, step: &Step, wants: &Wants) -> bool {
        let is_there = |k: usize| k < step.at && k != i && (k < i || !self.events[k].past.has(i));
        if !wants.changed.is_empty() {
            let since = step.last.map_or(0, |last| last + 1);
            let changes = |used: &Used| used.how != Use::Read && wants.changed.contains(&used.object);
            return (since..step.at).any(|k| is_there(k) && self.events[k].used.iter().any(changes));
        }
        let is_met = |need: &Need| {
            self.level(need.object, is_there).is_none_or(|level| (need.is_met)(level, need.than))
        };
        if wants.needs.iter().all(is_met) {
            return true;
        }
        let clock = || self.level(CLOCK, is_there).unwrap_or(0);
        let is_late = wants.deadline.is_some_and(|deadline| deadline <= Duration::from_nanos(clock()));
        let faults = || -> u32 { (0..step.at).filter(|&k| is_there(k)).map(|k| self.events[k].faults).sum() };
        is_late || (wants.may_wake && faults() < wants.max_faults)
    }

    /// The level that the object would have after some of the steps.
    fn level(&self, object: ObjectId, is_there: impl Fn(usize) -> bool) -> Option<u64> {
        let uses = self.uses.get(object as usize)?;
        let mut steps = uses.by_how[Use::Write as usize].clone();
        steps.extend(&uses.by_how[Use::Share as usize]);
        // From the last write that is there, all those that share it have added or taken away.
        let mut added = 0_u64;
        for k in steps.backwards().filter(|&k| is_there(k)) {
            let used = self.events[k].used.iter().find(|used| used.object == object)?;
            if used.how == Use::Write {
                return Some(used.after.wrapping_add(added));
            }
            added = added.wrapping_add(used.after.wrapping_sub(used.before));
        }
        Some(uses.first?.wrapping_add(added))
    }
}

/// What a step that never happened would have used.
fn pending(wants: &Wants) -> Vec<Used> {
    wants.uses.iter().map(|&(object, how)| Used { object, how, before: 0, after: 0 }).collect()
}

/// A step whose races are looked for: taken, or waited for at the end.
struct Step {
    who: Tid,
    at: usize,
    /// The thread's step before.
    last: Option<usize>,
}
