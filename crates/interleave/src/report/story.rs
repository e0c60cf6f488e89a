//! What a recorded run was: which step is which, what was read and written, who held what.

use super::Names;
use super::words::Words;
use crate::engine::memory::{OLD, UNEXPECTED};
use crate::engine::{Aside, Event, Happening, Loc, ObjectId, Tid, World};
use crate::source::{file_name, tidy};
use crate::sync::condvar::{LET_GO_AND_WAIT, NOTIFY_ALL, NOTIFY_ONE, WAKE_UP};
use crate::sync::lock::{FREE, RELOCK, UNLOCK};
use crate::thread::{END, START};

/// A run and what its report calls things.
pub(crate) struct Story<'a> {
    pub(crate) w: &'a World,
    pub(crate) names: Names,
    /// The number of the step for each event of the log; 0 for what has no row.
    pub(super) numbers: Vec<usize>,
    /// How long each event's lock was held, for the events that acquire one.
    pub(crate) releases: Vec<Option<Release>>,
    /// The file that most steps are of, which the table then need not name.
    pub(super) main_file: Option<String>,
}

/// A lock is released.
pub(crate) struct Release {
    pub(crate) object: ObjectId,
    /// How many events come before it.
    pub(super) at: usize,
    /// The value that was left in the lock.
    pub(super) value: Option<String>,
    pub(super) written: bool,
    /// It needs a row of its own: other threads took steps or waited meanwhile.
    pub(super) has_row: bool,
    /// The thread itself took steps meanwhile.
    pub(super) is_later: bool,
}

/// A step that reads or writes a value that the report knows.
pub(crate) struct Access<'a> {
    pub(super) at: usize,
    pub(super) who: Tid,
    pub(super) object: ObjectId,
    /// What it found.
    pub(super) old: &'a str,
    /// What it left, if it wrote.
    pub(crate) new: Option<&'a str>,
}

impl Access<'_> {
    pub(super) fn changes(&self) -> bool {
        self.new.is_some_and(|new| new != self.old)
    }
}

/// The value without what is said about it.
pub(crate) fn bare(value: &str) -> &str {
    value.strip_suffix(OLD).or_else(|| value.strip_suffix(UNEXPECTED)).unwrap_or(value)
}

/// Whether the event is a load that has found an old value.
pub(crate) fn is_old(e: &Event) -> bool {
    e.before.as_deref().is_some_and(|value| value.ends_with(OLD))
}

/// Whether there is only one way to write such a value: all of it.
fn is_simple(value: &str) -> bool {
    !value.starts_with(['[', '(', '{', 'S', 'N'])
}

impl<'a> Story<'a> {
    pub(crate) fn new(w: &'a World) -> Self {
        let mut story = Story::with(w, None);
        story.main_file = story.find_main_file();
        story
    }

    /// The run as a reader sees it who doesn't know what comes next. A step is what happens up to one of `ends`, which are
    /// numbers of events, and tells of the release of a lock only if it comes before the step's end.
    pub(super) fn step_by_step(w: &'a World, ends: &[usize]) -> Self {
        Story::with(w, Some(ends))
    }

    fn with(w: &'a World, ends: Option<&[usize]>) -> Self {
        let releases = (0..w.log.len()).map(|_| None).collect();
        let mut story = Story { w, names: Names::new(w), numbers: vec![], releases, main_file: None };
        for aside in w.asides() {
            let Happening::Unlocks { since, value, written } = &aside.what else { continue };
            let (since, written, value) = (*since, *written, value.clone());
            // What comes after the end of the log was cut from it.
            if since >= w.log.len() || aside.at > w.log.len() {
                continue;
            }
            let release = story.release(aside, since, value, written, ends);
            story.releases[since] = Some(release);
        }
        // The row that acquires a lock may tell of its release too.
        let mut is_told = vec![false; w.log.len() + 1];
        story.releases.iter().flatten().filter(|r| !r.has_row).for_each(|r| is_told[r.at] = true);
        let mut number = 0;
        for (i, event) in w.log.iter().enumerate() {
            let is_step = is_shown(event) && !(event.verb == &UNLOCK && is_told[i + 1]);
            number += usize::from(is_step);
            story.numbers.push(if is_step { number } else { 0 });
        }
        story
    }

    fn release(
        &self,
        aside: &Aside,
        since: usize,
        value: Option<String>,
        written: bool,
        ends: Option<&[usize]>,
    ) -> Release {
        let (log, who, object) = (&self.w.log, aside.who, aside.object);
        // A release that is a step of its own comes later than the aside that tells of it.
        let next = log.iter().enumerate().skip(aside.at).find(|(_, e)| e.who == who);
        let step = next.filter(|(_, e)| e.verb == &UNLOCK && e.object == object);
        let at = step.map_or(aside.at, |(i, _)| i + 1);
        let between = || log.iter().take(at).skip(since + 1).filter(|e| is_shown(e) && e.verb != &UNLOCK);
        let waits = |a: &Aside| matches!(a.what, Happening::Waits(_)) && a.object == object;
        let is_wait = at > 0 && log[at - 1].verb == &LET_GO_AND_WAIT && log[at - 1].who == who;
        let is_watched = match ends {
            Some(ends) => ends.get(ends.partition_point(|&end| end <= since)).is_some_and(|&end| at > end),
            None => between().any(|e| e.who != who) || self.asides(since + 1, at).iter().any(waits),
        };
        let has_row = !is_wait && is_watched;
        let is_later = is_wait || between().any(|e| e.who == who);
        let value = value.filter(|_| log[since].before.is_some());
        Release { object, at, value, written, has_row, is_later }
    }

    /// What happened after `from` events, up to the moment after `to` events.
    pub(crate) fn asides(&self, from: usize, to: usize) -> &'a [Aside] {
        let all = self.w.asides();
        let (start, end) = (all.partition_point(|a| a.at < from), all.partition_point(|a| a.at <= to));
        all.get(start..end).unwrap_or_default()
    }

    /// The step's number, as the reader finds it in the table.
    pub(super) fn step(&self, i: usize) -> String {
        format!("step {}", self.numbers[i])
    }

    pub(crate) fn name(&self, tid: Tid) -> String {
        self.w.name(tid)
    }

    /// What the event read and wrote, as far as that is known.
    pub(crate) fn access(&self, i: usize) -> Option<Access<'_>> {
        let e = &self.w.log[i];
        let (at, who, before) = (i, e.who, bare(e.before.as_deref()?));
        let words = Words::of(e.verb);
        if let Some(release) = &self.releases[i] {
            if words.tries {
                return None;
            }
            let (value, old) = (release.value.as_deref()?, before);
            let is_write = release.written && (value != old || is_simple(value));
            return Some(Access { at, who, object: release.object, old, new: is_write.then_some(value) });
        }
        let is_of_a_lock = words.acquires && e.verb != &RELOCK;
        if !words.loads && !words.stores && !is_of_a_lock {
            return None;
        }
        let new = e.after.as_deref().filter(|_| words.stores);
        Some(Access { at, who, object: e.object, old: before, new })
    }

    pub(super) fn accesses(&self) -> Vec<Access<'_>> {
        // Of an endless run, the end is enough.
        let first = self.w.log.len().saturating_sub(MOST_EVENTS);
        (first..self.w.log.len()).filter_map(|i| self.access(i)).collect()
    }

    /// The threads that hold the lock after the first `at` events, and the event with which each acquired it.
    pub(super) fn holders(&self, object: ObjectId, at: usize) -> Vec<(Tid, usize)> {
        let mut holders = vec![];
        for (i, e) in self.w.log.iter().enumerate().take(at) {
            let words = Words::of(e.verb);
            let acquires = match &self.releases[i] {
                Some(release) => release.object == object && release.at > at,
                None if words.acquires => e.object == object,
                None if words.tries => e.object == object && e.before.as_deref() == Some(FREE),
                None => false,
            };
            if acquires {
                holders.push((e.who, i));
            }
        }
        holders
    }

    /// The threads that wait for a notification after the first `at` events.
    pub(crate) fn waiters(&self, object: ObjectId, at: usize) -> Vec<Tid> {
        let mut waiters = vec![];
        for (i, e) in self.w.log.iter().enumerate().take(at) {
            if e.object == object && e.verb == &LET_GO_AND_WAIT {
                waiters.push(e.who);
            } else if e.object == object && e.verb == &WAKE_UP {
                waiters.retain(|&t| t != e.who);
            }
            for woken in self.woken_by(i) {
                waiters.retain(|&t| t != woken);
            }
        }
        waiters
    }

    /// The threads that this event notifies.
    pub(crate) fn woken_by(&self, i: usize) -> Vec<Tid> {
        if ![&NOTIFY_ONE, &NOTIFY_ALL].contains(&self.w.log[i].verb) {
            return vec![];
        }
        let notified = |a: &&Aside| matches!(a.what, Happening::Notified);
        self.asides(i + 1, i + 1).iter().filter(notified).map(|a| a.who).collect()
    }

    /// The event that notified the thread before this one, in which it wakes up.
    pub(crate) fn woken_from(&self, i: usize) -> Option<usize> {
        let who = self.w.log[i].who;
        let notified = |a: &&Aside| a.who == who && matches!(a.what, Happening::Notified);
        self.asides(0, i).iter().rfind(notified).map(|a| a.at - 1)
    }

    /// "line 18", and of which file if it isn't the table's.
    pub(super) fn spot(&self, loc: Loc) -> String {
        match Some(tidy(loc.file())) == self.main_file {
            true => format!("line {}", loc.line()),
            false => format!("line {} of {}", loc.line(), file_name(loc.file())),
        }
    }

    fn find_main_file(&self) -> Option<String> {
        let mut uses = Vec::<(String, usize)>::new();
        let with_others = self.with_others();
        let counts = |(i, e): &(usize, &Event)| is_shown(e) && (e.who != 0 || with_others.contains(i));
        let waits = |a: &&Aside| matches!(a.what, Happening::Waits(_));
        let events = self.w.log.iter().enumerate().filter(counts);
        let mut locs: Vec<Loc> = events.filter_map(|(_, e)| e.loc).take(MOST_EVENTS).collect();
        locs.extend(self.w.threads.iter().filter_map(|t| Some(t.stuck()?.loc)));
        locs.extend(self.w.asides().iter().filter(waits).filter_map(|a| a.loc).take(MOST_EVENTS));
        locs.extend(self.w.threads.iter().filter_map(|t| t.born));
        for loc in locs {
            let own = tidy(loc.file());
            // A learner looks for their own lines: those of the test are named as such, however many they are.
            let more = match crate::source::is_foreign(loc.file()) {
                true => 0,
                false if is_test(&own) => 1,
                false => 1_000_000,
            };
            match uses.iter_mut().find(|(file, _)| *file == own) {
                Some((_, n)) => *n += more,
                None => uses.push((own, more)),
            }
        }
        let any =
            || self.w.log.iter().filter(|e| is_shown(e)).find_map(|e| e.loc).map(|loc| tidy(loc.file()));
        uses.into_iter().max_by_key(|(file, n)| (*n, file.clone())).map(|(file, _)| file).or_else(any)
    }

    /// Whether the line is the check's and not the learner's.
    pub(super) fn is_of_the_check(&self, loc: Loc) -> bool {
        let file = tidy(loc.file());
        is_test(&file) && Some(&file) != self.main_file.as_ref()
    }

    /// The events from the first to the last that belong to a thread other than the scenario's own.
    pub(super) fn with_others(&self) -> std::ops::Range<usize> {
        let others = |e: &Event| e.who != 0 || e.verb == &START || e.verb.is_quiet;
        let first = self.w.log.iter().position(others).unwrap_or(self.w.log.len());
        let last = self.w.log.iter().rposition(others).unwrap_or(0);
        first..last
    }
}

/// This many events at the end of a run are enough to tell what went wrong.
const MOST_EVENTS: usize = 2_000;

/// Whether the file is one of tests.
pub(super) fn is_test(file: &str) -> bool {
    file.split('/').rev().nth(1) == Some("tests")
}

/// Whether it's a step that a reader cares about.
pub(super) fn is_shown(e: &Event) -> bool {
    let is_own = e.loc.is_some_and(|loc| crate::source::is_own(loc.file()));
    let passes_on = e.verb == &crate::panic::PANIC && e.before.as_deref().is_some_and(super::is_passed_on);
    ![&START, &END].contains(&e.verb) && !e.verb.is_quiet && !is_own && !passes_on
}
