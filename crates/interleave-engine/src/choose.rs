//! Which threads can go on, and which of them does.

use crate::current::tell_states;
use crate::failure::Failure;
use crate::loops::Probe;
use crate::object::CLOCK;
use crate::search::{Choice, Kind, Moment, Pilot, Use};
use crate::settings::TOO_LONG;
use crate::step::{Wake, Woken};
use crate::thread::{Thread, Tid};
use crate::world::World;
use std::time::Duration;

/// After this many steps in which no thread found anything new, a run is taken never to end.
const ENDLESS: usize = 20_000;

/// Who can go on, each list in the order of the threads' numbers.
#[derive(Default)]
pub(crate) struct Candidates {
    /// Those that can take their steps.
    pub(crate) ready: Vec<Tid>,
    /// Those of them whose time is up.
    pub(crate) late: Vec<Tid>,
    /// Those that can't, but may be woken early or for no reason.
    pub(crate) faulty: Vec<Tid>,
}

impl World {
    /// Who goes next; nobody when the run is over.
    pub(crate) fn choose(&mut self) -> Option<Tid> {
        if self.done {
            return None;
        }
        self.steps += 1;
        if self.steps > TOO_LONG {
            self.fail(Failure::TooLong);
            return None;
        }
        if self.probe.is_none() && self.steps > self.news + ENDLESS {
            self.fail(Failure::Endless);
            return None;
        }
        if !self.settings.to_the_end
            && let Some(stuck) = self.lock_cycle()
        {
            self.fail(Failure::Deadlock { stuck, cycle: true });
            return None;
        }
        let mut candidates = std::mem::take(&mut self.candidates);
        let next = self.choose_from(&mut candidates);
        self.candidates = candidates;
        next
    }

    /// As [`choose`](World::choose), with room for the candidates.
    pub(crate) fn choose_from(&mut self, candidates: &mut Candidates) -> Option<Tid> {
        if let Some(quiet) = self.collect(candidates) {
            self.current = quiet;
            return Some(quiet);
        }
        let goes_on = match &self.probe {
            Some(Probe { who, in_place: true, .. }) => self.goes_on_in_place(*who, &candidates.ready),
            _ => None,
        };
        if goes_on.is_none() && self.probe.is_some() {
            return self.go_on_alone(candidates);
        }
        let Candidates { ready, late, faulty } = candidates;
        let mut spinners = vec![];
        let scripted = self.pilot.scripted();
        let filters = match scripted {
            // The run that is followed let time pass here, although a thread looks again and again.
            Some(next) => !ready.contains(&next),
            // Where threads take turns by a rule, one that waits by looking does no harm.
            None => self.settings.patient.is_none(),
        };
        if filters {
            ready.retain(|&tid| {
                let spins = goes_on != Some(tid) && self.spins(tid) && !self.may_be_work(tid);
                if spins {
                    spinners.push(tid);
                }
                !spins
            });
        }
        let mut unknown = spinners.iter().copied().filter(|&tid| self.loop_of(tid).is_none());
        let (first_unknown, is_only_one) = (unknown.next(), unknown.next().is_none());
        if goes_on.is_some() && first_unknown.is_some() {
            // Of that one, nothing is known yet, so that the search has to begin again.
            self.probe.as_mut()?.in_place = false;
            return self.go_on_alone(candidates);
        }
        if self.failure.is_none()
            && scripted.is_none()
            && let Some(who) = first_unknown
        {
            if !self.begin_probe(who, is_only_one)? {
                self.current = who;
                return Some(who);
            }
            spinners.retain(|&tid| tid != who);
            let at = ready.partition_point(|&tid| tid < who);
            ready.insert(at, who);
        }
        let mut is_idle = ready.is_empty();
        let sleeper = self.next_deadline(faulty);
        if is_idle && sleeper.is_none() {
            if spinners.is_empty() {
                return self.is_over(faulty);
            }
            // Nothing will change but by those that look again and again: one may count how often.
            if spinners.iter().all(|&tid| !self.threads[tid].acts) {
                self.vain_looks += 1;
                if self.vain_looks > ENDLESS as u32 {
                    self.fail(Failure::Endless);
                    return None;
                }
            }
            ready.append(&mut spinners);
            is_idle = false;
        }
        let gives_up = |tid| self.loop_of(tid).is_some_and(|known| known.gives_up);
        let is_cut = spinners.iter().any(|&tid| self.threads[tid].acts || gives_up(tid));
        self.limits.loops |= is_cut;
        let me = self.current;
        if self.steps > self.settings.long() {
            let who = if is_idle { sleeper? } else { self.lottery.draw(ready, me) };
            if is_idle {
                late.push(who);
            }
            self.coast();
            return Some(self.go(Choice { who, kind: Kind::Turn, cost: 0 }, late));
        }
        self.offer(candidates, if is_idle { Some(sleeper?) } else { None });
        tell_states(self);
        let choice = self.pick(is_idle);
        if self.done {
            return None;
        }
        if let Some(probe) = &mut self.probe
            && !(choice.who == probe.who && choice.kind == Kind::Turn)
        {
            probe.in_place = false;
            return self.go_on_alone(candidates);
        }
        Some(self.go(choice, &candidates.late))
    }

    /// Collects who can go on. Stops at a thread whose step is quiet: it goes on without a choice, because whether a thread has been
    /// joined is no other thread's business.
    fn collect(&self, candidates: &mut Candidates) -> Option<Tid> {
        let Candidates { ready, late, faulty } = candidates;
        ready.clear();
        late.clear();
        faulty.clear();
        for (tid, t) in self.threads.iter().enumerate() {
            let Some(at) = &t.at else { continue };
            if at.is_ready() {
                if at.op.verb.is_quiet {
                    return Some(tid);
                }
                ready.push(tid);
            } else if at.deadline <= self.now {
                late.push(tid);
                ready.push(tid);
            } else if at.wake != Wake::WhenReady {
                faulty.push(tid);
            }
        }
        None
    }

    /// Puts together what the search can choose from. If no thread can go on, time passes until that of the `sleeper` is up.
    fn offer(&mut self, candidates: &mut Candidates, sleeper: Option<Tid>) {
        let Candidates { ready, late, faulty } = candidates;
        let me = self.current;
        self.choices.clear();
        let turn = |cost| move |who| Choice { who, kind: Kind::Turn, cost };
        let is_idle = sleeper.is_some();
        if let Some(sleeper) = sleeper {
            // Of several whose time is up at the same moment, any may be the first.
            let deadline = |tid: Tid| self.threads[tid].at.as_ref().map(|at| at.deadline);
            let first = deadline(sleeper);
            late.extend(faulty.iter().copied().filter(|&tid| deadline(tid) == first));
            self.choices.extend(late.iter().copied().map(turn(0)));
        } else if ready.contains(&me) && !self.yields(me) {
            self.choices.push(turn(0)(me));
            self.choices.extend(ready.iter().copied().filter(|&tid| tid != me).map(turn(1)));
        } else {
            // One that yields lets all others go first; they take turns.
            let (before, after): (Vec<Tid>, Vec<Tid>) =
                ready.iter().copied().filter(|&tid| tid != me).partition(|&tid| tid < me);
            if ready.contains(&me) {
                self.choices.extend(after.into_iter().chain(before).map(turn(0)));
                self.choices.push(turn(u32::from(!self.choices.is_empty()))(me));
            } else {
                self.choices.extend(ready.iter().copied().map(turn(0)));
            }
        }
        if self.faults < self.settings.max_faults {
            // Only to some pilots it makes a difference whether time has passed.
            let is_said = |tid: &&Tid| is_idle && !self.pilot.tells_time_from_faults() && late.contains(tid);
            self.choices.extend(faulty.iter().filter(|tid| !is_said(tid)).map(|&who| Choice {
                who,
                kind: Kind::Fault,
                cost: 1,
            }));
        } else {
            self.limits.faults |= !faulty.is_empty();
        }
    }

    /// Whether a thread that looks again may go on, because another one yields to work.
    fn may_be_work(&self, tid: Tid) -> bool {
        let yields_to_work = |thread: &Thread| thread.at.as_ref().is_some_and(|at| at.op.verb.yields_to_work);
        self.threads[tid].acts && self.threads.iter().any(yields_to_work)
    }

    pub(crate) fn yields(&self, tid: Tid) -> bool {
        self.threads[tid].at.as_ref().is_some_and(|at| at.op.verb.yields)
    }

    /// Whose time is up next.
    fn next_deadline(&self, sleepers: &[Tid]) -> Option<Tid> {
        let deadline = |tid: Tid| self.threads[tid].at.as_ref().map_or(Duration::MAX, |at| at.deadline);
        sleepers.iter().copied().filter(|&t| deadline(t) < Duration::MAX).min_by_key(|&t| deadline(t))
    }

    /// The run has become long.
    fn coast(&mut self) {
        let (pilot, _, moment) = self.ask(false);
        pilot.coasts(&moment);
        self.used.clear();
        self.started.clear();
    }

    /// The search, what it can choose from, and what it is shown of the run.
    fn ask(&mut self, is_idle: bool) -> (&mut Pilot, &[Choice], Moment<'_>) {
        let World { pilot, choices, threads, objects, used, started, faults, settings, loops, .. } = self;
        let max_faults = settings.max_faults;
        let faults_left = max_faults.saturating_sub(*faults);
        let moment = Moment { threads, objects, used, started, faults_left, max_faults, loops, is_idle };
        (pilot, choices, moment)
    }

    /// Asks the search.
    pub(crate) fn pick(&mut self, is_idle: bool) -> Choice {
        let usual = self.choices[0];
        let (pilot, choices, moment) = self.ask(is_idle);
        let picked = pilot.pick(choices, &moment);
        if !matches!(usual.kind, Kind::Data(_)) {
            self.used.clear();
            self.started.clear();
        }
        match picked {
            Ok(choice) => {
                self.trail.push(choice);
                if !choice.is(&usual) {
                    self.telling = self.trail.len();
                }
                choice
            }
            Err(why) => {
                self.fail(Failure::Misuse(why));
                usual
            }
        }
    }

    /// Carries out a choice between threads.
    fn go(&mut self, choice: Choice, late: &[Tid]) -> Tid {
        let who = choice.who;
        self.current = who;
        if choice.kind == Kind::Fault {
            self.faults += 1;
            self.threads[who].looks.clear();
            self.wake_up(who);
        } else if late.contains(&who) {
            self.wake_up(who);
        }
        who
    }

    pub(crate) fn wake_up(&mut self, tid: Tid) {
        let t = &mut self.threads[tid];
        let at = t.at.as_ref().expect("only a thread that has stopped is woken");
        let deadline = at.deadline;
        match at.wake {
            Wake::After(_) => t.woken = Woken::TimedOut,
            _ => {
                t.woken = Woken::Spuriously;
                return;
            }
        }
        let advances = deadline > self.now;
        self.note_use(CLOCK, if advances { Use::Write } else { Use::Read });
        if advances {
            self.now = deadline;
            self.set_level(CLOCK, u64::try_from(deadline.as_nanos()).unwrap_or(u64::MAX));
        }
    }

    /// No thread can go on, and no timeout is set: the run is over.
    fn is_over(&mut self, faulty: &[Tid]) -> Option<Tid> {
        // Not that anyone could rely on it, but a fault would help.
        if self.settings.to_the_end
            && self.faults < self.settings.max_faults
            && !faulty.is_empty()
            && self.steps <= self.settings.long()
        {
            let data = |i| Choice { who: self.current, kind: Kind::Data(i as u32), cost: u32::from(i > 0) };
            let ends_or_goes_on: Vec<Choice> = (0..=faulty.len()).map(data).collect();
            self.choices = ends_or_goes_on;
            if let Kind::Data(i @ 1..) = self.pick(false).kind {
                self.choices = vec![Choice { who: faulty[i as usize - 1], kind: Kind::Fault, cost: 0 }];
                let choice = self.pick(false);
                return (!self.done).then(|| self.go(choice, &[]));
            }
        }
        let stuck: Vec<Tid> = (0..self.threads.len()).filter(|&t| !self.threads[t].finished).collect();
        if stuck.is_empty() || (self.settings.daemons && self.threads[0].finished) {
            self.done = true;
            self.pilot_ends();
        } else {
            self.fail(Failure::Deadlock { stuck, cycle: false });
        }
        None
    }

    /// The threads that wait for each other's locks in a circle that ends at the running one.
    fn lock_cycle(&self) -> Option<Vec<Tid>> {
        let mut seen = vec![self.current];
        loop {
            let at = self.threads[*seen.last()?].at.as_ref()?;
            let holders = &self.objects[at.op.object as usize].holders;
            if holders.is_empty() || at.wake != Wake::WhenReady || at.is_ready() {
                return None;
            }
            let (holder, _) = holders[0];
            if let Some(i) = seen.iter().position(|&t| t == holder) {
                return Some(seen.split_off(i));
            }
            seen.push(holder);
        }
    }

    /// The pilot learns that the run is over.
    pub(crate) fn pilot_ends(&mut self) {
        let (pilot, _, moment) = self.ask(false);
        pilot.ends(&moment);
    }
}
