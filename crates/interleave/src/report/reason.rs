//! Why a run failed, in words, derived from what its threads did.

use super::story::{Access, Release as Unlock, Story, is_old, is_shown};
use super::words::{Stuck, Words};
use super::{Lines, list};
use crate::engine::{Aside, Event, Failure, Happening, Loc, ObjectId, Panicked, Tid, Woken};
use crate::panic::PANIC;
use crate::source;
use crate::sync::atomic::FENCE;
use crate::sync::condvar::{LET_GO_AND_WAIT, NOTIFY_ALL, NOTIFY_ONE, WAKE_UP};
use crate::sync::lock::{READ_LOCK, WRITE_LOCK};
use crate::sync::once::INITIALISE;
use crate::thread::{SLEEP, START};
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};

/// This many interruptions are told, in a sentence each.
const SENTENCES: usize = 3;

/// The sentences, and the events that they are about.
#[derive(Default)]
pub(crate) struct Reason {
    pub(super) lines: Vec<String>,
    pub(super) events: Vec<usize>,
    /// Other threads that have to do with it, and wait.
    pub(super) waiting: Vec<Tid>,
}

/// A cause is looked for among this many accesses at the end of a run.
const LAST_ACCESSES: usize = 200;

impl Reason {
    fn say(&mut self, line: String) {
        self.lines.push(line);
    }

    fn about(&mut self, events: &[usize]) {
        self.events.extend_from_slice(events);
    }
}

impl Story<'_> {
    pub(super) fn reason(&self, failure: &Failure) -> Reason {
        let mut reason = Reason::default();
        match failure {
            Failure::Panic { who, panicked } => {
                self.why_panic(*who, panicked, &mut reason);
            }
            Failure::Deadlock { stuck, .. } => self.why_stuck(stuck, &mut reason),
            Failure::Endless => self.where_endless(&super::busy(self.w), &mut reason),
            Failure::Busy { who, .. } => self.where_endless(&[*who], &mut reason),
            Failure::Unjoined(left) => {
                for (&tid, born) in left.iter().filter_map(|t| Some((t, self.w.threads[*t].born?))) {
                    reason.say(format!(
                        "{} was started and never joined, in {}",
                        self.name(tid),
                        self.quote(born)
                    ));
                }
                let left: Vec<Tid> =
                    left.iter().copied().filter(|&t| self.w.threads[t].stuck().is_some()).collect();
                self.why_stuck(&left, &mut reason);
            }
            Failure::Exit { who, loc, .. } => {
                reason.say(format!("{} ended the process in {}", self.name(*who), self.quote(*loc)));
            }
            _ => {}
        }
        if reason.lines.is_empty() && !matches!(failure, Failure::Misuse(_)) {
            self.how_far_each_came("the run was given up", None, &mut reason);
        }
        reason
    }

    /// The step, and its line.
    fn step_at(&self, i: usize) -> String {
        match self.w.log[i].loc {
            Some(loc) => format!("{} ({})", self.step(i), self.spot(loc)),
            None => self.step(i),
        }
    }

    fn quote(&self, loc: Loc) -> String {
        format!("{}:\t{}", self.spot(loc), source::text(loc))
    }

    fn why_panic(&self, who: Tid, panicked: &Panicked, reason: &mut Reason) {
        if self.poison(who, &panicked.message, reason) {
            return;
        }
        // Others may only pass the panic on.
        let who = super::cause(self.w, who, panicked).0;
        let accesses = self.accesses();
        let found = self.stale_load(reason)
            || self.woke_too_early(reason)
            || self.stale_write(&accesses, reason)
            || self.stale_change(reason)
            || self.half_of_a_change(&accesses, reason);
        if !found {
            self.interruptions(reason);
        }
        if reason.lines.is_empty() {
            self.shared_once(who, reason);
            self.other_panics(who, reason);
            let last = self.w.log.iter().rposition(|e| e.verb == &PANIC && e.who == who);
            let when = match last.filter(|&last| self.numbers[last] > 0) {
                Some(last) => format!("{} panicked in {}", self.name(who), self.step(last)),
                None => format!("{} panicked", self.name(who)),
            };
            reason.events.extend(last);
            self.how_far_each_came(&when, Some(who), reason);
        }
        if reason.lines.is_empty() {
            self.last_change(&accesses, reason);
        }
    }

    /// A thread has found a cell full that another has initialized.
    fn shared_once(&self, who: Tid, reason: &mut Reason) {
        let log = &self.w.log;
        let comes = |e: &Event| e.verb == &INITIALISE;
        let finds = |e: &Event| comes(e) && e.before.as_deref() == Some(crate::sync::INITIALISED);
        for (found, event) in log.iter().enumerate().filter(|(_, e)| finds(e)) {
            let begins = |e: &Event| comes(e) && e.object == event.object && !finds(e) && e.who != event.who;
            let Some(first) = log[..found].iter().position(begins) else { continue };
            let (by, me, name) =
                (self.name(log[first].who), self.name(event.who), self.names.of(event.object));
            // One look by the failing thread alone may be right.
            if who != 0 && ![log[first].who, event.who].contains(&who) {
                continue;
            }
            reason.about(&[first, found]);
            reason.say(format!(
                "{me} found {name} already initialized in {}: {by} had initialized it in {}. There is one {name} \
                 for all threads, so both got the same value.",
                self.step_at(found),
                self.step_at(first)
            ));
            return;
        }
    }

    /// Panics of other threads, and what became of these threads.
    fn other_panics(&self, who: Tid, reason: &mut Reason) {
        let log = &self.w.log;
        let is_other = |(i, e): &(usize, &Event)| e.verb == &PANIC && e.who != who && self.numbers[*i] > 0;
        for (i, event) in log.iter().enumerate().filter(is_other).take(SENTENCES - 1) {
            let name = self.name(event.who);
            let message = event.before.as_deref().unwrap_or_default().lines().next().unwrap_or_default();
            let went_on = log[i + 1..].iter().any(|e| e.who == event.who && is_shown(e));
            let then = match (self.w.threads[event.who].finished, went_on) {
                (true, false) => format!("That panic ended {name}."),
                (_, true) => format!("{name} caught that panic and continued."),
                (false, false) => format!("{name} took no step after that."),
            };
            reason.about(&[i]);
            reason.say(format!("{name} panicked in {}: \"{message}\". {then}", self.step(i)));
        }
    }

    /// How far the threads have come that have not ended, except for the failing one.
    fn how_far_each_came(&self, when: &str, failing: Option<Tid>, reason: &mut Reason) {
        let threads = &self.w.threads;
        let left: Vec<Tid> = (0..threads.len())
            .filter(|&t| !threads[t].finished && Some(t) != failing)
            .filter(|&t| threads[t].left_before.is_none_or(|(op, _)| !op.verb.is_quiet))
            .collect();
        let mut quoted = None;
        for (n, &tid) in left.iter().take(SENTENCES - 1).enumerate() {
            let name = self.name(tid);
            let joined = if threads[tid].joined { "" } else { " and not joined" };
            let born = threads[tid].born.map(|born| format!(", started in {}{joined},", self.spot(born)));
            let born = born.unwrap_or_default();
            reason.say(match n {
                0 => format!("{name}{born} had not ended when {when}."),
                _ => format!("{name}{born} had not ended either."),
            });
            let Some((op, could)) = threads[tid].left_before else { continue };
            if source::is_foreign(op.loc.file()) {
                continue;
            }
            let place = match quoted.replace(op.loc) == Some(op.loc) {
                true => self.spot(op.loc),
                false => self.quote(op.loc),
            };
            let notified = self.asides(0, self.w.log.len()).iter().rfind(|a| {
                let since = self.w.log.get(a.at..).unwrap_or_default();
                let is_it = a.who == tid && matches!(a.what, Happening::Notified);
                is_it && a.at > 0 && since.iter().all(|e| e.who != tid)
            });
            if let Some(notified) = notified.filter(|_| could) {
                let (by, at) = (self.name(self.w.log[notified.at - 1].who), notified.at - 1);
                reason.about(&[at]);
                let step = self.step(at);
                reason.say(format!("    It was woken by {by} in {step}, but had not run since: {place}"));
            } else if could && op.verb == &START {
                reason.say(format!("    {name} had not run at all."));
            } else if could {
                reason.say(format!("    Its next step would have been in {place}"));
            } else {
                reason.waiting.push(tid);
                reason.say(format!("    It {} in {place}", self.names.wish(&op)));
                for (holder, since) in self.holders(op.object, self.w.log.len()) {
                    let (lock, holder) = (self.names.of(op.object), self.name(holder));
                    reason.about(&[since]);
                    reason.say(format!("    {lock} is held by {holder} since {}", self.step(since)));
                }
            }
        }
        let more = left.len().saturating_sub(SENTENCES - 1);
        if more > 0 {
            let had = if more == 1 { "thread had" } else { "threads had" };
            reason.say(format!("{more} other {had} not ended either."));
        }
    }

    /// The last change of a value that the report knows.
    fn last_change(&self, accesses: &[Access<'_>], reason: &mut Reason) {
        let known = |a: &&Access<'_>| a.changes() && self.numbers[a.at] > 0;
        let Some(last) = accesses.iter().rfind(known) else {
            let text =
                "No thread was interrupted. Every other thread had ended, or was waiting for one to end.";
            return reason.say(text.into());
        };
        reason.about(&[last.at]);
        reason.say(format!(
            "No thread was interrupted. The last to change {} was {}: from {} to {}, in {}.",
            self.names.of(last.object),
            self.name(last.who),
            last.old,
            last.new.unwrap_or_default(),
            self.step_at(last.at)
        ));
    }

    /// As [`stale_write`](Self::stale_write), where the value can't be shown: only that it was read and changed.
    fn stale_change(&self, reason: &mut Reason) -> bool {
        let known = |(at, release): (usize, &Option<Unlock>)| {
            let release =
                release.as_ref().filter(|release| release.value.is_none() && self.numbers[at] > 0)?;
            Some((at, self.w.log[at].who, release.object, release.written))
        };
        let all: Vec<_> = self.releases.iter().enumerate().filter_map(known).collect();
        let all = &all[all.len().saturating_sub(LAST_ACCESSES)..];
        for (k, &(write, me, object, _)) in all.iter().enumerate().rev().filter(|(_, a)| a.3) {
            let own = |a: &(usize, Tid, ObjectId, bool)| a.1 == me && a.2 == object;
            let Some(p) = all[..k].iter().rposition(own).filter(|&p| !all[p].3) else { continue };
            let read = all[p].0;
            let Some(change) = all[p..k].iter().rfind(|a| a.2 == object && a.1 != me && a.3) else {
                continue;
            };
            let (me, theirs, name) = (self.name(me), self.name(change.1), self.names.of(object));
            reason.about(&[read, change.0, write]);
            reason.say(format!(
                "{me} acted on what was no longer true: it read {name} in {}, {theirs} changed {name} in {}, and \
                 {me} changed it in {}. {me} released the lock in between, so another thread could come between the two steps.",
                self.step_at(read),
                self.step_at(change.0),
                self.step_at(write)
            ));
            return true;
        }
        false
    }

    /// The panic only passes on that another one has poisoned a lock.
    fn poison(&self, who: Tid, message: &str, reason: &mut Reason) -> bool {
        if !message.contains("PoisonError") {
            return false;
        }
        let log = &self.w.log;
        let panics = || log.iter().enumerate().filter(|(_, e)| e.verb == &PANIC && e.who != who);
        for (i, event) in panics() {
            let mut releases = self.releases.iter().enumerate().take(i);
            let is_held = |r: &Option<Unlock>| r.as_ref().is_some_and(|r| r.at >= i);
            let held = releases.rfind(|(since, r)| log[*since].who == event.who && is_held(r));
            let Some((since, Some(release))) = held else { continue };
            let (first, name) = (self.name(event.who), self.names.of(release.object));
            reason.about(&[since, i]);
            reason.say(format!(
                "{first} panicked while it held {name}, which it had locked in {}. That poisons {name}: from \
                 then on lock() returns an error. {} called unwrap() on it, and so panicked too.",
                self.step_at(since),
                self.name(who)
            ));
            return true;
        }
        false
    }

    fn ordering(&self, i: usize) -> Option<Ordering> {
        self.asides(i + 1, i + 1).iter().find_map(|a| match a.what {
            Happening::Ordered(order) => Some(order),
            _ => None,
        })
    }

    /// A load has found a value that was no longer the newest.
    fn stale_load(&self, reason: &mut Reason) -> bool {
        let log = &self.w.log;
        let Some(load) = log.iter().rposition(is_old) else { return false };
        let stores = |e: &Event| Words::of(e.verb).stores;
        let missed = |e: &Event| e.object == log[load].object && stores(e) && e.after.is_some();
        let Some(store) = log[..load].iter().rposition(missed) else { return false };
        let (reader, writer) = (self.name(log[load].who), self.name(log[store].who));
        let data = self.names.of(log[load].object);
        let value = |i: usize| super::story::bare(log[i].before.as_deref().unwrap_or_default()).to_string();
        reason.about(&[load, store]);
        reason.say(format!(
            "{reader} loaded {data} in {} and got {}, an old value. {writer} had already stored {} in {}, but \
             no ordering makes {reader} see that.",
            self.step_at(load),
            value(load),
            log[store].after.as_deref().unwrap_or_default(),
            self.step_at(store)
        ));
        if log[store].who == log[load].who || log.iter().any(|e| e.verb == &FENCE) {
            return true;
        }
        // What the reader read of the writer's, after that store: this pair would order the two.
        let flag = (store + 1..load).rev().find_map(|read| {
            let e = &log[read];
            let reads = e.who == log[load].who && Words::of(e.verb).loads && e.object != log[load].object;
            let by_writer = |w: &Event| w.object == e.object && stores(w) && w.who == log[store].who;
            let write = log[..read].iter().rposition(by_writer).filter(|&write| reads && write > store)?;
            (log[write].after.as_deref() == Some(&value(read))).then_some((write, read))
        });
        if let Some((write, read)) = flag {
            let flag = self.names.of(log[write].object);
            let (stored, loaded) = (self.ordering(write), self.ordering(read));
            reason.about(&[write, read]);
            let releases = matches!(stored, Some(Release | AcqRel | SeqCst));
            let acquires = matches!(loaded, Some(Acquire | AcqRel | SeqCst));
            let told = |order: Option<Ordering>| format!("{:?}", order.unwrap_or(Relaxed));
            let wanted = match (releases, acquires) {
                (false, false) => format!(
                    "If the store of {flag} in {} were Release, and the load of {flag} in {} Acquire (they are {} \
                     and {}), ",
                    self.step_at(write),
                    self.step_at(read),
                    told(stored),
                    told(loaded)
                ),
                (false, true) => format!(
                    "If the store of {flag} in {} were Release (it is {}), ",
                    self.step_at(write),
                    told(stored)
                ),
                (true, false) => format!(
                    "If the load of {flag} in {} were Acquire (it is {}), ",
                    self.step_at(read),
                    told(loaded)
                ),
                (true, true) => return true,
            };
            reason.say(format!(
                "{wanted}{reader} would see everything that {writer} did before it stored {flag}."
            ));
            return true;
        }
        let own_store = log[..load]
            .iter()
            .rposition(|e| e.who == log[load].who && stores(e) && e.object != log[load].object);
        if let Some(own) = own_store {
            reason.about(&[own]);
            reason.say(format!(
                "{reader} had stored {} in {} before. Only SeqCst, on both threads' stores and loads, makes sure \
                 that of two threads that each store one value and then load the other's, at least one sees the \
                 other's store.",
                self.names.of(log[own].object),
                self.step_at(own)
            ));
        }
        true
    }

    /// A wait has ended without a notification, or because its time was up, and the thread did not wait again.
    fn woke_too_early(&self, reason: &mut Reason) -> bool {
        let log = &self.w.log;
        let early = |e: &Event| e.woken != Woken::Ready && e.verb == &WAKE_UP;
        let Some(wake) = log.iter().rposition(early) else { return false };
        let waits =
            |e: &Event| e.who == log[wake].who && e.object == log[wake].object && e.verb == &LET_GO_AND_WAIT;
        if log[wake..].iter().any(waits) {
            return false;
        }
        let (me, at) = (self.name(log[wake].who), self.step_at(wake));
        reason.about(&[wake]);
        reason.say(match log[wake].woken {
            Woken::Spuriously => format!(
                "{me} woke up in {at} although no thread had notified it: a spurious wakeup, which std allows. It \
                 then went on as if it had been notified. After every wait, the condition has to be checked again."
            ),
            _ => format!("{me} woke up in {at} because its time was up, not because a thread had notified it."),
        });
        true
    }

    /// A thread writes after it has read, and another has changed the value in between.
    fn stale_write(&self, accesses: &[Access<'_>], reason: &mut Reason) -> bool {
        for (k, write) in accesses.iter().enumerate().rev() {
            let Some(new) = write.new else { continue };
            let own = |a: &Access<'_>| a.who == write.who && a.object == write.object;
            let Some(p) = accesses[..k].iter().rposition(own) else { continue };
            let read = &accesses[p];
            let other = |a: &Access<'_>| a.object == write.object && a.who != write.who && a.changes();
            let Some(change) = accesses[p..k].iter().rfind(|a| other(a)) else { continue };
            // It's old news, but true again.
            if read.new.is_some() || write.old == read.old {
                continue;
            }
            let (me, theirs) = (self.name(write.who), self.name(change.who));
            let object = self.names.of(write.object);
            let changed = change.new.unwrap_or_default();
            let wrote = match new == write.old {
                true => format!("{new} over it"),
                false => new.to_string(),
            };
            reason.about(&[read.at, change.at, write.at]);
            reason.say(format!(
                "{me} acted on a value that was no longer true: it read {} from {object} in {}, {theirs} changed it \
                 to {changed} in {}, and {me} wrote {wrote} in {}.",
                read.old,
                self.step_at(read.at),
                self.step_at(change.at),
                self.step_at(write.at)
            ));
            reason.say(match Words::of(self.w.log[write.at].verb).stores {
                true => {
                    "Reading and writing are two steps here, and another thread can come between them.".into()
                }
                false => format!(
                    "{me} released the lock in between, so another thread could come between the two steps."
                ),
            });
            return true;
        }
        false
    }

    /// A thread reads two values, of which another has changed only one so far.
    fn half_of_a_change(&self, accesses: &[Access<'_>], reason: &mut Reason) -> bool {
        let accesses = &accesses[accesses.len().saturating_sub(LAST_ACCESSES)..];
        for second in accesses.iter().rev().filter(|a| a.changes()) {
            let firsts = accesses.iter().rev().filter(|a| a.changes() && a.at < second.at);
            for first in firsts.filter(|a| a.who == second.who && a.object != second.object) {
                let reads = |object: ObjectId| {
                    accesses
                        .iter()
                        .rev()
                        .filter(move |a| a.object == object && a.who != first.who && a.new.is_none())
                };
                for one in reads(first.object) {
                    for two in reads(second.object).filter(|two| two.who == one.who) {
                        let (new, old) = (one.at > first.at, two.at < second.at);
                        // What it read in between is from one side of the change, and the other from the other.
                        let is_torn =
                            (new && old && two.at > first.at) || (!new && !old && one.at < first.at);
                        if !is_torn {
                            continue;
                        }
                        let (reader, writer) = (self.name(one.who), self.name(first.who));
                        let when = |is_before: bool| if is_before { "before" } else { "after" };
                        let (a, b) = (self.names.of(first.object), self.names.of(second.object));
                        reason.about(&[first.at, second.at, one.at, two.at]);
                        reason.say(format!(
                            "{reader} saw one half of what {writer} changed: it read {a} in {}, {} {writer} changed \
                             {a} in {}, and it read {b} in {}, {} {writer} changed {b} in {}.",
                            self.step(one.at),
                            when(one.at < first.at),
                            self.step(first.at),
                            self.step(two.at),
                            when(two.at < second.at),
                            self.step(second.at)
                        ));
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Which thread was interrupted where, in a sentence for each interruption.
    fn interruptions(&self, reason: &mut Reason) {
        let log = &self.w.log;
        let steps: Vec<usize> =
            (0..log.len()).filter(|&i| log[i].loc.is_some() && self.numbers[i] > 0).collect();
        let at: Vec<usize> = (1..steps.len()).filter(|&n| log[steps[n]].preempts).collect();
        for &n in at.iter().take(SENTENCES) {
            let (before, event) = (steps[n - 1], steps[n]);
            let me = log[before].who;
            let back = steps[n..].iter().position(|&i| log[i].who == me).map(|more| n + more);
            let between = &steps[n..back.unwrap_or(steps.len())];
            let own: Vec<usize> = between.iter().copied().filter(|&i| log[i].who == log[event].who).collect();
            let range = match (own.first(), own.last()) {
                (Some(&from), Some(&to)) if from < to => {
                    format!("steps {} to {}", self.numbers[from], self.numbers[to])
                }
                _ => self.step(event),
            };
            let when = match back {
                Some(back) => format!("Between {} and {}", self.step_at(before), self.step_at(steps[back])),
                None => format!("After {}", self.step_at(before)),
            };
            reason.about(&[before, event]);
            let (me, other) = (self.name(me), self.name(log[event].who));
            reason.say(format!(
                "{when} of {me}, {other} took {range}. What {me} had found out before may not be so any more."
            ));
        }
        let more = at.len().saturating_sub(SENTENCES);
        if more > 0 {
            reason.say(format!("There are {} more.", super::count(more, "interruption")));
        }
    }

    /// What each blocked thread waits for, and why that doesn't come.
    fn why_stuck(&self, stuck: &[Tid], reason: &mut Reason) {
        let shown = self.stuck_shown(stuck);
        let told = if shown.len() > super::MOST_NAMES { 2 } else { shown.len() };
        for &tid in &shown[..told] {
            let Some(op) = self.w.threads[tid].stuck() else { continue };
            reason.say(format!("{} {} in {}", self.name(tid), self.names.wish(&op), self.quote(op.loc)));
            for (holder, since) in self.holders(op.object, self.w.log.len()) {
                reason.about(&[since]);
                let name = self.names.of(op.object);
                let me = if holder == tid { format!("{} itself", self.name(tid)) } else { self.name(holder) };
                let how =
                    if self.w.log[since].verb == &READ_LOCK { "is read-locked by" } else { "is held by" };
                let ended = if self.w.threads[holder].finished { ", which has ended," } else { "" };
                let line = self.w.log[since].loc.map(|loc| self.quote(loc)).unwrap_or_default();
                reason.say(format!("    {name} {how} {me}{ended} since {}, {line}", self.step(since)));
            }
        }
        if told < shown.len() {
            reason.say(format!("{} other threads wait.", shown.len() - told));
        }
        let mut told: Vec<ObjectId> = vec![];
        for &tid in &shown {
            let Some(op) = self.w.threads[tid].stuck().filter(|op| !told.contains(&op.object)) else {
                continue;
            };
            told.push(op.object);
            let stuck = Stuck { who: tid, op: &op, all: stuck };
            (Words::of(op.verb).why_never)(self, &stuck, reason);
        }
    }

    /// Which loops the threads don't leave.
    fn where_endless(&self, busy: &[Tid], reason: &mut Reason) {
        for &tid in busy {
            let lines = super::round_and_round(self.w, tid);
            if let (Some(first), Some(last)) = (lines.iter().min(), lines.iter().max()) {
                let lines = match first.1 == last.1 {
                    true => format!("line {}", first.1),
                    false => format!("lines {} to {}", first.1, last.1),
                };
                reason.say(format!("{} loops in {lines} of {}.", self.name(tid), super::tidy(first.0)));
            }
        }
    }

    /// The threads that wait for something else than the end of other threads.
    pub(super) fn blocked(&self) -> Vec<Tid> {
        let waits = |&t: &Tid| {
            let op = self.w.threads[t].stuck();
            op.is_some_and(|op| !op.verb.is_quiet && op.verb != &SLEEP && !source::is_own(op.loc.file()))
        };
        (0..self.w.threads.len()).filter(waits).collect()
    }

    /// Those that are worth a sentence: a thread that only waits for others to end is not, unless it holds what they need.
    pub(super) fn stuck_shown(&self, stuck: &[Tid]) -> Vec<Tid> {
        let op = |t: Tid| self.w.threads[t].stuck().filter(|op| !source::is_own(op.loc.file()));
        let is_needed = |t: Tid| {
            let needs = |&other: &Tid| {
                let holders = op(other).map(|op| self.holders(op.object, self.w.log.len()));
                holders.is_some_and(|holders| holders.iter().any(|h| h.0 == t))
            };
            stuck.iter().any(needs)
        };
        let known: Vec<Tid> = stuck.iter().copied().filter(|&t| op(t).is_some()).collect();
        let others = known.iter().copied();
        let others: Vec<Tid> =
            others.filter(|&t| op(t).is_some_and(|op| !op.verb.is_quiet) || is_needed(t)).collect();
        if others.is_empty() { known } else { others }
    }

    pub(crate) fn why_not_notified(&self, stuck: &Stuck<'_>, reason: &mut Reason) {
        let (log, tid, object) = (&self.w.log, stuck.who, stuck.op.object);
        let (me, name) = (self.name(tid), self.names.of(object));
        let notifies = |e: &Event| e.object == object && [&NOTIFY_ONE, &NOTIFY_ALL].contains(&e.verb);
        let begins = |e: &Event| e.object == object && e.who == tid && e.verb == &LET_GO_AND_WAIT;
        let (last, begin) = (log.iter().rposition(notifies), log.iter().rposition(begins));
        let began = begin.map(|i| self.step(i)).unwrap_or_default();
        reason.events.extend(begin);
        let Some(last) = last else {
            reason.say(format!("No thread has notified {name} in this run."));
            return;
        };
        reason.about(&[last]);
        let (who, at) = (self.name(log[last].who), self.step_at(last));
        let woken = self.woken_by(last);
        if woken.is_empty() {
            reason.say(format!(
                "When {who} notified {name} in {at}, no thread was waiting.\nSo the notification is lost: {me} began to \
                 wait in {began}, and nothing wakes it."
            ));
        } else if begin.is_some_and(|begin| begin > last) && woken.contains(&tid) {
            reason.say(format!(
                "The last notification of {name}, by {who} in {at}, woke {me}, which began to wait again in {began}."
            ));
        } else if begin.is_some_and(|begin| begin > last) {
            reason.say(format!(
                "The last notification of {name} came from {who} in {at}, before {me} began to wait in {began}."
            ));
        } else {
            let left: Vec<Tid> =
                stuck.all.iter().copied().filter(|t| self.waiters(object, last + 1).contains(t)).collect();
            let left = list(left.iter().map(|&t| self.name(t)));
            let woken = list(woken.iter().map(|&t| self.name(t)));
            reason.say(format!(
                "The last notification of {name}, by {who} in {at}, woke {woken}. {left} slept on."
            ));
        }
    }

    /// The senders that are still alive.
    pub(crate) fn why_no_end(&self, stuck: &Stuck<'_>, reason: &mut Reason) {
        let (tid, object) = (stuck.who, stuck.op.object);
        let of_channel = || self.w.asides().iter().filter(|a| a.object == object);
        let about = |number: u32, a: &Aside| match a.what {
            Happening::DropsSender(n) | Happening::UsesSender(n) => n == number,
            _ => false,
        };
        let name = self.names.of(object);
        let mut alive = vec![];
        for made in of_channel() {
            let Happening::MakesSender(number) = made.what else { continue };
            let is_dropped = |a: &Aside| matches!(a.what, Happening::DropsSender(n) if n == number);
            if of_channel().any(is_dropped) {
                continue;
            }
            let what = if number == 1 { "the one" } else { "the clone" };
            let place = made.loc.map(|loc| self.quote(loc)).unwrap_or_default();
            let used_by = of_channel().rfind(|a| about(number, a) && a.who != made.who);
            let used = used_by.map(|a| format!(" and {} sends with", self.name(a.who))).unwrap_or_default();
            alive.push(format!("    {what} that {} made{used}, in {place}", self.name(made.who)));
        }
        if alive.is_empty() {
            return;
        }
        let are = if alive.len() == 1 { "A sender" } else { "Senders" };
        let verb = if alive.len() == 1 { "is" } else { "are" };
        reason.say(format!("{are} of the channel {name} {verb} still alive:"));
        let more = alive.len().saturating_sub(3);
        alive.into_iter().take(3).for_each(|line| reason.say(line));
        if more > 0 {
            reason.say(format!("    and {more} more"));
        }
        let me = self.name(tid);
        reason.say(format!(
            "As long as a sender is alive, {me} waits for a message. Only when every sender has been dropped does \
             recv() return an error, and a loop over the receiver end."
        ));
    }

    pub(crate) fn why_not_initialised(&self, stuck: &Stuck<'_>, reason: &mut Reason) {
        let (tid, op) = (stuck.who, stuck.op);
        let first = |e: &Event| {
            e.object == op.object
                && e.verb == &INITIALISE
                && e.before.as_deref() != Some(crate::sync::INITIALISED)
        };
        let Some(first) = self.w.log.iter().rposition(first) else { return };
        let (by, name) = (self.w.log[first].who, self.names.of(op.object));
        reason.about(&[first]);
        let line = self.w.log[first].loc.map(|loc| self.quote(loc)).unwrap_or_default();
        let me = self.name(tid);
        reason.say(match by == tid {
            true => format!(
                "    but {me} itself has been initializing {name} since {}, {line}\nThe code that initializes {name} \
                 asks for {name}, and so waits for itself.",
                self.step(first)
            ),
            false => format!(
                "    {} has been initializing {name} since {}, {line}",
                self.name(by),
                self.step(first)
            ),
        });
    }

    /// The writer that keeps a reader out.
    pub(crate) fn which_writer(&self, stuck: &Stuck<'_>, reason: &mut Reason) {
        let (tid, object) = (stuck.who, stuck.op.object);
        let writes = |t: &&Tid| {
            self.w.threads[**t].stuck().is_some_and(|op| op.object == object && op.verb == &WRITE_LOCK)
        };
        let all: Vec<Tid> = (0..self.w.threads.len()).collect();
        let Some(&writer) = stuck.all.iter().find(writes).or_else(|| all.iter().find(writes)) else { return };
        let holders = self.holders(object, self.w.log.len());
        let Some(loc) = self.w.threads[writer].stuck().map(|op| op.loc) else { return };
        reason.waiting.push(writer);
        let (me, name, writer) = (self.name(tid), self.names.of(object), self.name(writer));
        let readers = list(holders.iter().map(|h| self.name(h.0)));
        reason.say(format!("{writer} waits to write-lock {name} in {}", self.quote(loc)));
        reason.say(format!(
            "A waiting writer may keep new readers out. So {me} waits for {writer}, and {writer} waits until {readers} \
             releases {name}."
        ));
    }
}

impl Lines {
    pub(super) fn of_reason(&mut self, reason: &Reason) {
        reason.lines.iter().flat_map(|line| line.lines()).for_each(|line| self.add_indented(line));
    }
}
