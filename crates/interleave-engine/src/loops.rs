//! Loops that wait. A thread that looks at the same again, although no other thread has changed it, waits for a change. How often
//! it may look before that is found out by a probe: the thread goes on, alone if it must, until it leaves its loop or has
//! looked often enough.

use crate::choose::Candidates;
use crate::failure::Failure;
use crate::loc::Loc;
use crate::object::ObjectId;
use crate::step::{Op, Wake};
use crate::thread::Tid;
use crate::verb::Verb;
use crate::world::World;

/// A loop that looks at the same again, although no other thread changed it, is followed alone for this many looks, to see whether
/// it gives up. If it doesn't, it is taken to wait for a change.
const PATIENCE: u32 = 200;
/// A loop that has looked this often never gives up. One that gives up before, but after [`PATIENCE`], is named as a limit.
const FOREVER: u32 = 5_000;
/// The same for a loop that takes many steps between two looks, in steps.
const FOREVER_IN_STEPS: usize = 50_000;
/// A thread that has taken this many steps without another look has left its loop.
const LEFT_ITS_LOOP: usize = 1_000;

/// A loop that looks at the same again although no other thread has changed it.
#[derive(Clone, Copy, Debug)]
pub struct Loop {
    /// Where it looks.
    pub loc: Loc,
    /// How often it looks before it gives up; 1 if it doesn't give up, but waits for a change.
    pub looks: u32,
    /// It sleeps between two looks, or waits with a timeout.
    pub naps: bool,
    /// It gives up, but only after more looks than are explored.
    pub gives_up: bool,
}

/// Something that a thread found when it looked.
pub(crate) struct Look {
    pub(crate) verb: &'static Verb,
    pub(crate) loc: Loc,
    pub(crate) object: ObjectId,
    pub(crate) value: u64,
    /// How often the object had been changed.
    pub(crate) version: u64,
    /// It was an old value: there is a newer one to be found.
    pub(crate) is_stale: bool,
    /// How often it was found again.
    pub(crate) repeats: u32,
}

/// A thread that goes on in a loop, to see whether the loop ends by itself.
pub(crate) struct Probe {
    pub(crate) who: Tid,
    /// The search picks the thread, as it would if the loop were known. So the run counts, and if the loop ends, the search
    /// need not begin again.
    pub(crate) in_place: bool,
    /// Where it looks.
    pub(crate) loc: Loc,
    /// How often it has looked again.
    pub(crate) looks: u32,
    /// It slept, or waited with a timeout.
    pub(crate) naps: bool,
    /// It slept, and nothing could have woken it.
    pub(crate) sleeps: bool,
    /// How long the log was when it began.
    pub(crate) from: usize,
    /// The step when it began.
    pub(crate) since: usize,
    /// The step of its last look.
    pub(crate) last_look: usize,
}

/// What is known of the loop that looks at this place.
pub(crate) fn known(loops: &[Loop], loc: Loc) -> Option<&Loop> {
    loops.iter().find(|known| known.loc == loc)
}

impl World {
    /// The running thread has looked, and found this; `is_stale` if there is something newer to be found.
    pub(crate) fn looks(&mut self, op: &Op, value: u64, is_stale: bool) {
        let version = self.objects[op.object as usize].version;
        let steps = self.steps;
        if self.has_changes(self.current) {
            let me = &mut self.threads[self.current];
            me.looks.clear();
            me.acts = false;
        }
        let me = &mut self.threads[self.current];
        let same = |look: &&mut Look| (look.loc, look.object, look.value) == (op.loc, op.object, value);
        match me.looks.iter_mut().find(same) {
            Some(look) => {
                look.repeats += 1;
                (look.version, look.is_stale) = (version, is_stale);
                if let Some(probe) = &mut self.probe
                    && (probe.who, probe.loc) == (self.current, op.loc)
                {
                    (probe.looks, probe.last_look) = (look.repeats, steps);
                }
            }
            None => {
                let &Op { verb, loc, object, .. } = op;
                if me.looks.iter().any(|look| (look.loc, look.object) == (loc, object)) {
                    me.looks.clear();
                    me.acts = false;
                }
                me.looks.push(Look { verb, loc, object, value, version, is_stale, repeats: 0 });
                self.news = steps;
                self.probe_ends();
            }
        }
    }

    /// What the running thread finds next is no repetition of what it has found.
    pub fn forget_looks(&mut self) {
        self.threads[self.current].looks.clear();
        self.news = self.steps;
    }

    /// Whether another thread has changed something that `tid` has found.
    fn has_changes(&self, tid: Tid) -> bool {
        let is_new = |look: &Look| look.version != self.objects[look.object as usize].version;
        self.threads[tid].looks.iter().any(is_new)
    }

    /// The loop that the thread is about to look in, as far as it is known.
    pub(crate) fn loop_of(&self, tid: Tid) -> Option<&Loop> {
        known(&self.loops, self.threads[tid].at.as_ref()?.op.loc)
    }

    /// Whether the thread, about to look again, would only find what it has found already, and often enough.
    pub(crate) fn spins(&self, tid: Tid) -> bool {
        let thread = &self.threads[tid];
        if thread.looks.is_empty() {
            return false;
        }
        let Some(at) = &thread.at else { return false };
        let is_old = thread.looks.iter().any(|look| look.is_stale);
        let known = known(&self.loops, at.op.loc);
        let waits = thread.waits_for_change(at.op, known) && !self.has_changes(tid);
        // There is something newer to be found; but first, how often it may find what is old.
        waits && !(is_old && known.is_some())
    }

    /// Whether the thread is about to look again in a loop that sleeps between two looks.
    pub fn naps(&self, tid: Tid) -> bool {
        self.spins(tid) && self.loop_of(tid).is_some_and(|known| known.naps)
    }

    /// Whether the running thread waits for a change in a loop: then it finds what is newest.
    pub(crate) fn waits_by_looking(&self, op: &Op) -> bool {
        let known = known(&self.loops, op.loc);
        known.is_some() && self.threads[self.current].waits_for_change(*op, known)
    }

    pub(crate) fn is_alone(&self) -> bool {
        self.probe.as_ref().is_some_and(|probe| probe.who == self.current && !probe.in_place)
    }

    /// From here on the thread is probed, in place if it can; returns whether it can.
    pub(crate) fn begin_probe(&mut self, who: Tid, is_only_one: bool) -> Option<bool> {
        let loc = self.threads[who].at.as_ref()?.op.loc;
        let goes_on = who == self.current && self.pilot.goes_on_by_itself() && !self.yields(who);
        let in_place = goes_on && is_only_one;
        let (from, since, last_look) = (self.log.len(), self.steps, self.steps);
        let (naps, sleeps) = (false, false);
        self.probe = Some(Probe { who, in_place, loc, looks: 1, naps, sleeps, from, since, last_look });
        Some(in_place)
    }

    /// The thread that is probed in place, if that can go on. If another thread went on, or this one waits for time to pass,
    /// steps aside or looks too often, it goes on alone instead.
    pub(crate) fn goes_on_in_place(&mut self, who: Tid, ready: &[Tid]) -> Option<Tid> {
        let at = self.threads[who].at.as_ref();
        let waits_for_time = at.is_some_and(|at| matches!(at.wake, Wake::After(_)));
        let steps_aside = self.yields(who);
        // In another loop, of which it is known that it waits there.
        let waits_elsewhere = self.loop_of(who).is_some() && self.spins(who);
        let probe = self.probe.as_mut()?;
        if self.current != who || waits_for_time || steps_aside || probe.looks >= PATIENCE {
            probe.in_place = false;
        } else if waits_elsewhere || !ready.contains(&who) || self.steps > probe.last_look + LEFT_ITS_LOOP {
            self.probe_ends();
        } else {
            return Some(who);
        }
        None
    }

    /// One thread goes on until it leaves its loop, or has looked often enough: then the run is of no more use.
    pub(crate) fn go_on_alone(&mut self, candidates: &Candidates) -> Option<Tid> {
        let &Probe { who, looks, naps, sleeps, since, last_look, .. } = self.probe.as_ref()?;
        let thread = &self.threads[who];
        // One that waits with a timeout may be woken before.
        let must_sleep = self.settings.must_sleep && (!naps || sleeps);
        // A loop that changes something as it goes around, such as a lock that it takes, may be work.
        let patience = if must_sleep && !thread.acts && !naps { PATIENCE } else { FOREVER };
        let is_endless = looks >= patience || self.steps > since + FOREVER_IN_STEPS;
        if is_endless && must_sleep {
            self.cut_the_log();
            self.fail(Failure::Busy { who, sleeps });
            return None;
        }
        if is_endless {
            self.learns(1, false);
            return self.choose_from(&mut Candidates::default());
        }
        let has_deadline = thread.at.as_ref().is_some_and(|at| matches!(at.wake, Wake::After(_)));
        let falls_asleep = thread.at.as_ref().is_some_and(|at| at.op.verb.sleeps);
        let can_go_on = candidates.ready.contains(&who);
        if (!can_go_on && !has_deadline) || self.steps > last_look + LEFT_ITS_LOOP {
            self.current = who;
            self.probe_ends();
            return self.choose_from(&mut Candidates::default());
        }
        self.current = who;
        if !can_go_on || candidates.late.contains(&who) {
            let probe = self.probe.as_mut()?;
            (probe.naps, probe.sleeps) = (true, probe.sleeps || falls_asleep);
            self.wake_up(who);
        }
        Some(who)
    }

    /// Of what the thread did alone, three rounds are enough for a report.
    fn cut_the_log(&mut self) {
        let Some(probe) = &self.probe else { return };
        let rounds = self.log.iter().enumerate().skip(probe.from);
        let end = rounds.filter(|(_, event)| event.loc == Some(probe.loc)).nth(3);
        if let Some((end, _)) = end {
            self.log.truncate(end);
        }
    }

    /// The thread that goes on has left its loop, or never does. If it went on alone, the search has to begin again; but this run
    /// goes on to its end, so that nothing that it owns is leaked.
    fn learns(&mut self, looks: u32, gives_up: bool) {
        if let Some(Probe { loc, naps, in_place, .. }) = self.probe.take() {
            self.news = self.steps;
            let learnt = Loop { loc, looks, naps, gives_up };
            match in_place {
                true => self.loops.push(learnt),
                false => _ = self.failure.get_or_insert(Failure::Loop(learnt)),
            }
        }
    }

    /// The thread that goes on has left its loop.
    pub(crate) fn probe_ends(&mut self) {
        if let Some(&Probe { who, looks, .. }) = self.probe.as_ref()
            && who == self.current
            && !self.done
        {
            // The look that ended it has to be possible too.
            match looks < PATIENCE {
                true => self.learns(looks + 1, false),
                false => self.learns(1, true),
            }
        }
    }
}
