//! One run: its threads, its objects, its clock, and what happened so far.

use crate::choose::Candidates;
use crate::clock::Clock;
use crate::current::{LAST_STEP, PROGRESS};
use crate::failure::{Failure, Limits};
use crate::loc::Loc;
use crate::log::{Aside, Event, Happening};
use crate::loops::{Loop, Probe};
use crate::lottery::Lottery;
use crate::object::{ATOMIC, CLOCK, FENCE, Object, ObjectId};
use crate::search::{Choice, Pilot, Steps, Touch, Use};
use crate::settings::Settings;
use crate::step::{At, Need, Op, Ready, Wake, Woken};
use crate::thread::{NOTIFIED, Thread, Tid};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// One run.
pub struct World {
    /// The number of the run; no two have the same.
    pub(crate) run: u64,
    /// What holds for the whole search.
    pub(crate) settings: Settings,
    /// By their numbers.
    pub threads: Vec<Thread>,
    /// By their numbers, in the order of their first use.
    pub objects: Vec<Object>,
    /// Who is running.
    pub current: Tid,
    /// What happened so far.
    pub log: Vec<Event>,
    /// What happened between the steps, if the run is recorded.
    pub(crate) asides: Vec<Aside>,
    /// What went wrong first.
    pub(crate) failure: Option<Failure>,
    /// The virtual clock.
    pub(crate) now: Duration,
    /// Who answers the question who goes on.
    pub pilot: Pilot,
    /// Who took each step and how, for the schedule string.
    pub trail: Vec<Choice>,
    /// How much of the trail it takes until only usual choices follow.
    pub(crate) telling: usize,
    /// It is over.
    pub(crate) done: bool,
    /// How often the question came up.
    pub steps: usize,
    /// The `SeqCst` fences so far: what happened before each of them, and what happened before any of those up to it.
    pub(crate) seq_cst_fences: Vec<(Clock, Clock)>,
    /// What the step under way has used.
    pub(crate) used: Vec<Touch>,
    /// The threads that it has started.
    pub(crate) started: Vec<Tid>,
    pub(crate) faults: u32,
    /// The limits that were met.
    pub(crate) limits: Limits,
    pub(crate) lottery: Lottery,
    pub(crate) choices: Vec<Choice>,
    /// The thread that goes on to see whether its loop ends by itself: alone, unless it is [in place](Probe::in_place).
    pub(crate) probe: Option<Probe>,
    /// What is known of loops.
    pub(crate) loops: Vec<Loop>,
    /// The last step in which a thread found something new, or changed something.
    pub(crate) news: usize,
    /// How often a thread went on that waits for a change, because no other could.
    pub(crate) vain_looks: u32,
    pub(crate) candidates: Candidates,
}

impl World {
    /// The start of a run, with the scenario's own thread.
    #[track_caller]
    pub(crate) fn new(run: u64, settings: Settings, pilot: Pilot) -> Self {
        let mut w = World {
            run,
            settings,
            threads: vec![],
            objects: vec![],
            current: 0,
            log: vec![],
            asides: vec![],
            failure: None,
            now: Duration::ZERO,
            pilot,
            trail: vec![],
            telling: 0,
            done: false,
            steps: 0,
            seq_cst_fences: vec![],
            used: vec![],
            started: vec![],
            faults: 0,
            limits: Limits::default(),
            lottery: Lottery::new(0),
            choices: vec![],
            probe: None,
            loops: vec![],
            news: 0,
            vain_looks: 0,
            candidates: Candidates::default(),
        };
        w.new_object("clock", Loc::caller());
        w.new_object(FENCE, Loc::caller());
        w.new_thread(None, None, None);
        w
    }

    /// The number of the run; no two have the same.
    pub fn run(&self) -> u64 {
        self.run
    }

    /// What holds for the whole search.
    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// The virtual clock.
    pub fn now(&self) -> Duration {
        self.now
    }

    /// What went wrong first.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// The limits that were met.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// What happened between the steps, if the run is recorded.
    pub fn asides(&self) -> &[Aside] {
        &self.asides
    }

    /// How much of the trail it takes until only usual choices follow.
    pub fn telling(&self) -> usize {
        self.telling
    }

    /// The search has to start again, with every release as a step. This run counts for nothing, but goes on to its end, so that
    /// nothing is leaked that the scenario has captured.
    pub fn start_over_with_releases(&mut self) {
        self.failure.get_or_insert(Failure::WatchReleases);
    }

    /// Forgets what happened, so that a long scenario doesn't keep it all.
    pub fn forget_what_happened(&mut self) {
        self.log.clear();
        self.asides.clear();
    }

    /// The thread has been notified, and is then about to do what comes once it is; or it begins to wait for that.
    pub fn notify(&mut self, who: Tid, on: bool) {
        self.threads[who].notified = on;
        if on && self.settings.recording {
            let (at, object) = (self.log.len(), self.log.last().map_or(0, |e| e.object));
            self.asides.push(Aside { at, who, object, loc: None, what: Happening::Notified });
        }
        let object = self.threads[who].object;
        self.note_use(object, Use::Write);
        let level = self.objects[object as usize].level;
        self.set_level(object, if on { level | NOTIFIED } else { level & !NOTIFIED });
    }

    /// The name a report calls the thread by.
    pub fn name(&self, tid: Tid) -> String {
        match (&self.threads[tid].name, tid) {
            (Some(name), _) => {
                let is_namesake = |t: &&Thread| t.name.as_ref() == Some(name);
                let all = self.threads.iter().filter(is_namesake).count();
                match all {
                    1 => name.clone(),
                    _ => format!("{name} #{}", self.threads[..=tid].iter().filter(is_namesake).count()),
                }
            }
            (None, 0) => "main".into(),
            (None, n) => format!("thread {n}"),
        }
    }

    /// What a `Script` follows to do this run again.
    pub fn steps_taken(&self) -> Steps {
        self.trail.iter().map(|c| (c.who, c.kind)).collect()
    }

    /// What the thread is about to do, and whether it can.
    pub fn next_of(&self, tid: Tid) -> Option<(Op, bool)> {
        let t = &self.threads[tid];
        let (mut op, is_ready) = match &t.at {
            Some(at) => (at.op, at.is_ready()),
            None => return t.left_before,
        };
        if let (Some(next), true) = (t.once_notified, t.notified) {
            (op.verb, op.object) = next;
        }
        Some((op, is_ready))
    }

    /// Something new that threads share.
    pub(crate) fn new_object(&mut self, kind: &'static str, born: Loc) -> ObjectId {
        let clock = (kind != ATOMIC && kind != FENCE).then(Clock::default);
        let shared = Clock::default();
        self.objects.push(Object {
            kind,
            born,
            holders: vec![],
            value: None,
            level: 0,
            version: 0,
            clock,
            shared,
        });
        (self.objects.len() - 1) as ObjectId
    }

    pub(crate) fn new_thread(
        &mut self,
        name: Option<String>,
        born: Option<Loc>,
        starting_for: Option<Tid>,
    ) -> Tid {
        let object = self.new_object("thread", born.unwrap_or(Loc::caller()));
        let clock = starting_for.map(|parent| self.threads[parent].clock.clone()).unwrap_or_default();
        self.threads.push(Thread {
            name,
            known_as: None,
            born,
            object,
            finished: false,
            panicked: None,
            joined: false,
            park_token: Arc::default(),
            locals: vec![],
            unwinding: 0,
            clock,
            fences: Default::default(),
            left_before: None,
            once_notified: None,
            notified: false,
            at: None,
            starting_for,
            looks: vec![],
            acts: false,
            joins: vec![],
            woken: Woken::Ready,
        });
        self.threads.len() - 1
    }

    /// The running step looks at the object, or changes it; and what is known there becomes known to the thread.
    pub fn touch(&mut self, object: ObjectId, written: bool) {
        self.use_object(object, if written { Use::Write } else { Use::Read });
    }

    /// As [`touch`](World::touch), with any use.
    pub fn use_object(&mut self, object: ObjectId, how: Use) {
        self.note_use(object, how);
        let (me, theirs) = (&mut self.threads[self.current], &mut self.objects[object as usize]);
        let Some(clock) = &mut theirs.clock else { return };
        me.clock.join(clock);
        match how {
            Use::Share => theirs.shared.join(&me.clock),
            Use::Read => me.clock.join(&theirs.shared),
            Use::Write => {
                me.clock.join(&theirs.shared);
                clock.join(&me.clock);
            }
        }
    }

    /// The running step uses the object, in a way that orders nothing but the step itself.
    pub fn note_use(&mut self, object: ObjectId, how: Use) {
        // Whoever joins this thread in turn inherits what it has joined.
        if object != self.threads[self.current].object {
            self.settle_joins();
        }
        let (current, theirs) = (self.current, &mut self.objects[object as usize]);
        self.used.push(Touch { object, how, level: theirs.level });
        if how != Use::Read {
            theirs.version += 1;
        }
        // Time passes for every thread, also for the one that wakes.
        if how != Use::Read && object != CLOCK {
            let me = &mut self.threads[current];
            if theirs.kind == ATOMIC {
                // It would not find the same again.
                me.looks.retain(|look| look.object != object);
            }
            self.news = self.steps;
            for look in
                me.looks.iter_mut().filter(|look| look.object == object && look.version + 1 == theirs.version)
            {
                look.version += 1;
            }
            me.acts = true;
        }
    }

    /// From here on the level of the object is this one.
    pub fn set_level(&mut self, object: ObjectId, level: u64) {
        self.objects[object as usize].level = level;
    }

    /// The running thread has joined this one.
    pub fn joins(&mut self, tid: Tid) {
        let joined = &self.threads[tid];
        let all: Vec<ObjectId> = joined.joins.iter().copied().chain([joined.object]).collect();
        self.threads[self.current].joins.extend(all);
    }

    /// What the running thread joined since its last step is known to it, before it does anything that others notice.
    pub(crate) fn settle_joins(&mut self) {
        if !self.threads[self.current].joins.is_empty() {
            for object in std::mem::take(&mut self.threads[self.current].joins) {
                let level = self.objects[object as usize].level;
                self.used.push(Touch { object, how: Use::Read, level });
            }
        }
    }

    /// See [`stop`](crate::stop).
    pub(crate) fn stop(
        &mut self,
        op: Op,
        needs: [Option<Need>; 2],
        ready: *const (dyn Fn() -> bool + 'static),
        wake: Wake,
    ) -> (Tid, Option<Tid>) {
        let me = self.current;
        let deadline = match wake {
            Wake::After(limit) => {
                self.note_use(CLOCK, Use::Read);
                self.now.saturating_add(limit)
            }
            _ => Duration::MAX,
        };
        self.threads[me].woken = Woken::Ready;
        self.threads[me].at = Some(At { op, needs, ready: Ready(ready), wake, deadline });
        let next = match self.threads[me].starting_for.take() {
            Some(parent) => {
                self.current = parent;
                Some(parent)
            }
            None => self.choose(),
        };
        (me, next)
    }

    /// It is `me`'s turn.
    pub(crate) fn arrive(&mut self, me: Tid, op: Op) -> Woken {
        debug_assert_eq!(self.current, me);
        self.threads[me].at = None;
        (self.threads[me].once_notified, self.threads[me].notified) = (None, false);
        let woken = std::mem::replace(&mut self.threads[me].woken, Woken::Ready);
        self.threads[me].clock.tick(me);
        if op.verb.is_quiet {
            let object = &self.objects[op.object as usize];
            let clock = object.clock.clone().unwrap_or_default();
            self.threads[me].clock.join(&clock);
        } else {
            self.settle_joins();
            match op.verb.uses(op.writes) {
                Some(how) if op.verb.orders => self.use_object(op.object, how),
                Some(how) => self.note_use(op.object, how),
                None => {}
            }
        }
        let preempts = self.log.last().is_some_and(|e| {
            let before = self.threads[e.who].at.as_ref();
            e.who != me && before.is_some_and(|at| at.is_ready() && !at.op.verb.yields && !self.spins(e.who))
        });
        let event = Event::plain(me, op.verb, op.object, Some(op.loc));
        self.log.push(Event { preempts, woken, ..event });
        PROGRESS.fetch_add(1, Relaxed);
        LAST_STEP.store(std::ptr::from_ref(op.loc.called()).cast_mut(), Relaxed);
        woken
    }

    /// The run is over, and went wrong.
    pub fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
        if !std::mem::replace(&mut self.done, true) {
            self.pilot_ends();
        }
        for tid in 0..self.threads.len() {
            // The closures that tell who is ready go with the stacks.
            self.threads[tid].left_before = self.next_of(tid);
            self.threads[tid].at = None;
        }
    }
}
