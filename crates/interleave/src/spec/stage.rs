//! Runs scenarios, and tells the one that fails.

use super::history::{History, Judged, Made};
use super::plan::{Call, Kind, Object, Plan, Run, State};
use super::scenario::{Lot, Play, Scenario};
use super::states::{self, States};
use crate::FailureKind;
use crate::check::{self, Check};
use crate::engine::{self, Event, Loc, Need, Op, Wake, fail, world};
use crate::io::PRINT;
use crate::search::Use;
use crate::thread::{Builder, JoinHandle, SLEEP};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::fmt::Write;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What a specification's check has tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    scenarios: usize,
    runs: usize,
}

impl Passed {
    /// How many scenarios were explored.
    pub fn scenarios(&self) -> usize {
        self.scenarios
    }

    /// How many runs that took.
    pub fn runs(&self) -> usize {
        self.runs
    }

    /// Counts one more scenario, and its runs.
    pub(super) fn count(&mut self, runs: usize) {
        self.scenarios += 1;
        self.runs += runs;
    }
}

/// A scenario that the specification does not explain; its `Display` is the report.
#[derive(Clone, Debug)]
pub struct Failed {
    kind: FailureKind,
    pub(super) schedule: String,
    pub(super) headline: String,
    pub(super) report: String,
    tried: Passed,
    pub(super) page: Option<Box<crate::report::page::Page>>,
}

impl Failed {
    /// Returns what kind of failure it is. A result that the specification doesn't
    /// explain is a panic.
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// Returns the string with which `INTERLEAVE_REPLAY` does the same run again.
    pub fn schedule(&self) -> &str {
        &self.schedule
    }

    /// The scenarios that were tried before, and their runs.
    pub fn tried(&self) -> Passed {
        self.tried
    }

    /// The scenario, and what happened, in one line or a few.
    pub fn headline(&self) -> &str {
        &self.headline
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.report)
    }
}

impl std::error::Error for Failed {}

/// A scenario is explored for at most so many runs.
const RUNS_OF_A_SCENARIO: usize = 200;
/// One of two calls with several unusual arguments is explored for this many runs: the order of the
/// steps is tried with the usual ones.
const RUNS_OF_AN_UNUSUAL_ONE: usize = 6;
/// One of three calls, of which all are usual or all but one, is explored for this many runs.
const RUNS_OF_A_USUAL_ONE: usize = 70;
/// Most of those that are larger are explored for so many.
const RUNS_OF_A_LARGE_ONE: usize = 30;
/// The most states of the specification that all runs of a drawn scenario go through together,
/// about: each run has to be explained, and one with many orders takes long.
const STATES_OF_A_SCENARIO: usize = 10_000;
/// A type of which no call waits in a scenario of this many calls is taken to have none that waits.
const CALLS_UNTIL_ONE_WAITS: usize = 3;
/// So many smaller scenarios are tried when one has failed.
const MOST_TRIES: usize = 200;
/// So many larger scenarios are drawn at most, and so many ways are gone to foresee them,
/// for each run that there may be.
const MOST_DRAWN: usize = 2_000;
const WAYS_FOR_A_RUN: usize = 8;
/// What it means that a thread waits forever.
pub(super) const STUCK: &str = "although, whatever the order of the calls, one of these could go on";
/// So many steps a thread may look again although nobody changes anything.
const PATIENCE: usize = 300;
/// So many endings are told.
const MOST_ENDINGS: usize = 4;

/// How the threads of a scenario are watched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Watch {
    /// Until nobody can go on: then those who wait have to be those who may, and a
    /// further call frees them. Nothing happens that std allows and does for no reason.
    Rest,
    /// Until all are done. A wait may end for no reason.
    Join,
}

/// A specification's check.
pub(super) struct Hunt {
    pub(super) plan: Rc<Plan>,
    pub(super) runs: usize,
    pub(super) time_may_pass: bool,
    pub(super) must_join: bool,
    /// The number of calls that an object is good for.
    pub(super) most_calls: usize,
    /// The line that asks for it.
    pub(super) loc: Loc,
    /// Some call waits, sooner or later.
    pub(super) waits: bool,
    /// How many ways the specification has gone to foresee what scenarios do.
    pub(super) ways: Cell<usize>,
}

impl Hunt {
    pub(super) fn search(mut self) -> Result<Passed, Failed> {
        let plan = self.plan.clone();
        let waits = |scenario| plan.foresee(&scenario, false).waits;
        let of_few_calls = |scenario: &Scenario| scenario.size() <= CALLS_UNTIL_ONE_WAITS;
        self.waits = Scenario::small(&plan).take_while(of_few_calls).any(waits);
        let mut passed = Passed { scenarios: 0, runs: 0 };
        let mut small = Scenario::small(&plan).peekable();
        while let Some(scenario) = small.next_if(|scenario| scenario.size() <= 2) {
            // Where each takes long, none takes all of the runs.
            let is_usual = scenario.start == 0 && scenario.unusual_calls(&plan) < 2;
            let runs = if is_usual { RUNS_OF_A_SCENARIO.min(self.runs / 25) } else { RUNS_OF_AN_UNUSUAL_ONE };
            self.try_one(&scenario, runs, &mut passed)?;
        }
        self.long(&mut passed)?;
        // Half of the runs are for what follows, however many the small ones took.
        let limit = self.runs.max(passed.runs + self.runs / 2);
        // From then on, each third one is a larger one, by lot: most of them are looked
        // at for a short time, and some for longer.
        let (mut lot, mut drawn) = (Lot::default(), vec![]);
        for number in 0..MOST_DRAWN {
            if passed.runs >= limit || self.ways.get() >= self.runs * WAYS_FOR_A_RUN {
                break;
            }
            for scenario in small.by_ref().take(2) {
                let is_usual = scenario.size() == 3 && scenario.unusual_calls(&plan) < 2;
                let runs = if is_usual { RUNS_OF_A_USUAL_ONE } else { RUNS_OF_A_LARGE_ONE };
                self.try_one(&scenario, runs, &mut passed)?;
            }
            let scenario = Scenario::drawn(&plan, &mut lot);
            if !drawn.contains(&scenario) {
                let runs = if number % 8 == 7 { RUNS_OF_A_SCENARIO } else { RUNS_OF_A_LARGE_ONE };
                self.try_one(&scenario, runs, &mut passed)?;
                drawn.push(scenario);
            }
        }
        Ok(passed)
    }

    pub(super) fn try_one(
        &self,
        scenario: &Scenario,
        runs: usize,
        passed: &mut Passed,
    ) -> Result<(), Failed> {
        let (ways, orders) = self.ways_to_watch(scenario);
        let affordable = (STATES_OF_A_SCENARIO / orders.max(1)).max(RUNS_OF_A_LARGE_ONE);
        let most = if scenario.size() > 2 { runs.min(affordable) } else { runs };
        passed.scenarios += usize::from(!ways.is_empty());
        // A larger scenario is watched in one way, or it would be explored twice.
        let only = (scenario.size() > 2 && runs < RUNS_OF_A_SCENARIO && ways.len() > 1)
            .then_some(usize::from(passed.scenarios.is_multiple_of(4)));
        let asked_for = |(number, _): &(usize, Watch)| only.is_none_or(|only| only == *number);
        for (_, watch) in ways.into_iter().enumerate().filter(asked_for) {
            self.try_watched(scenario, watch, most, passed)?;
        }
        Ok(())
    }

    fn try_watched(
        &self,
        scenario: &Scenario,
        watch: Watch,
        runs: usize,
        passed: &mut Passed,
    ) -> Result<(), Failed> {
        match self.explore(scenario, watch, runs) {
            Ok(runs) => {
                passed.runs += runs;
                Ok(())
            }
            Err(failed) => {
                let (smallest, failed) = self.smallest(scenario.clone(), failed, watch);
                Err(self.tell(failed, &smallest, watch, *passed))
            }
        }
    }

    /// None for a scenario that the specification does not let come to an end. And how many states
    /// of the specification were gone through to foresee that.
    fn ways_to_watch(&self, scenario: &Scenario) -> (Vec<Watch>, usize) {
        let foreseen = self.plan.foresee(scenario, false);
        self.ways.set(self.ways.get() + foreseen.ways);
        if !foreseen.can_be_freed {
            return (vec![], foreseen.ways);
        }
        let at_rest = self.plan.only_at_rest || self.waits && !self.time_may_pass;
        let joins = foreseen.never_stuck && !self.plan.only_at_rest;
        let ways = [(Watch::Rest, at_rest), (Watch::Join, joins)];
        (ways.into_iter().filter_map(|(watch, is_one)| is_one.then_some(watch)).collect(), foreseen.ways)
    }

    fn stage(&self, scenario: &Scenario, watch: Watch) -> Stage {
        let (plan, scenario, judged) = (self.plan.clone(), scenario.clone(), RefCell::default());
        Stage { plan, scenario, watch, loc: self.loc, judged }
    }

    fn check(&self, watch: Watch) -> Check {
        let faults = u32::from(watch == Watch::Join);
        let check = Check::new().of_spec(0).stuck_means(STUCK).wakeups(faults).runs(RUNS_OF_A_SCENARIO);
        if self.must_join { check.must_join() } else { check }
    }

    /// The number of runs, or the failure.
    fn explore(&self, scenario: &Scenario, watch: Watch, runs: usize) -> Result<usize, check::Failed> {
        let stage = self.stage(scenario, watch);
        Ok(self.check(watch).runs(runs).try_run(move || stage.run())?.runs())
    }

    /// The scenario without all that takes no part in the failure.
    fn smallest(
        &self,
        mut scenario: Scenario,
        mut failed: check::Failed,
        watch: Watch,
    ) -> (Scenario, check::Failed) {
        let mut tries = 0;
        'smaller: loop {
            for one in scenario.smaller(&self.plan) {
                if !self.ways_to_watch(&one).0.contains(&watch) {
                    continue;
                }
                tries += 1;
                if tries > MOST_TRIES {
                    return (scenario, failed);
                }
                if let Err(smaller) = self.explore(&one, watch, RUNS_OF_A_SCENARIO) {
                    (scenario, failed) = (one, smaller);
                    continue 'smaller;
                }
            }
            return (scenario, failed);
        }
    }

    /// Runs the failing scenario again, or the run of it that `INTERLEAVE_REPLAY` asks
    /// for.
    fn tell(&self, failed: check::Failed, scenario: &Scenario, watch: Watch, tried: Passed) -> Failed {
        let (plan, stage) = (&self.plan, self.stage(scenario, watch));
        let (story, endings) = (scenario.story(plan), self.endings(scenario));
        // The story is told twice, before the report and at its end.
        let lines = 2 * story.len().div_ceil(crate::report::width()) + endings.lines().count();
        let check = self.check(watch).of_spec(lines);
        self.told(failed, check, move || stage.run(), &story, &endings, tried)
    }

    /// Does a failing run again, or the run of its scenario that `INTERLEAVE_REPLAY` asks for, and tells it. If the scenario
    /// doesn't do the same again, it tells what `failed` before.
    pub(super) fn told(
        &self,
        failed: check::Failed,
        check: Check,
        scenario: impl Fn() + 'static,
        story: &str,
        endings: &str,
        tried: Passed,
    ) -> Failed {
        let replayed = crate::report::replay::wanted(self.loc.line());
        let check = match &replayed {
            Some(schedule) => check.replay(schedule),
            None => check,
        };
        let failed = match check.with_page().try_run(scenario) {
            Err(failed) => failed,
            Ok(_) if replayed.is_none() => failed,
            Ok(_) => {
                let headline = format!("this run passes: {story}");
                let (kind, schedule) = (FailureKind::Panic, String::new());
                return Failed { kind, schedule, report: headline.clone(), headline, tried, page: None };
            }
        };
        let headline = format!("{story}: {}{endings}", failed.headline());
        let report = failed.to_string();
        let rest = report.split_once("\n\n").map_or("", |(_, rest)| rest);
        let report = format!("{headline}\n\n{rest}");
        let (kind, schedule) = (failed.kind(), failed.schedule().to_string());
        let page = failed.page().cloned().map(Box::new);
        Failed { kind, schedule, headline, report, tried, page }
    }

    /// What the calls return one after the other, in lines.
    fn endings(&self, scenario: &Scenario) -> String {
        let mut text = String::new();
        let endings = self.plan.foresee(scenario, true).endings;
        if endings.iter().flatten().all(|said| said == "()") {
            return text;
        }
        text.push_str("\n    One after the other, the calls can only return:");
        for ending in endings.iter().take(MOST_ENDINGS) {
            let threads =
                scenario.threads.iter().zip(1..).flat_map(|(calls, by)| calls.iter().map(move |_| by));
            let threads = scenario.before.iter().map(|_| 0).chain(threads);
            let told = threads.zip(ending).filter(|(_, said)| *said != "()");
            let told: Vec<String> =
                told.map(|(by, said)| format!("{} {said}", name(&self.plan, by))).collect();
            let _ = write!(text, "\n        {}", told.join(", "));
        }
        if endings.len() > MOST_ENDINGS {
            let _ = write!(text, "\n        and {} more", endings.len() - MOST_ENDINGS);
        }
        text
    }
}

/// A history of one of the objects.
type Key = (usize, Vec<u8>);

/// A scenario, and what is known of its histories from one run to the next.
struct Stage {
    plan: Rc<Plan>,
    scenario: Scenario,
    watch: Watch,
    loc: Loc,
    judged: RefCell<HashMap<Key, Rc<Judged>>>,
}

/// What came of the threads.
enum Rest {
    /// All calls have returned.
    Done,
    Panicked,
    /// These threads wait, and should not.
    Late(Vec<usize>),
}

type Log = Arc<Mutex<History>>;

/// Never held over a step.
fn lock(log: &Log) -> MutexGuard<'_, History> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Of a thread by its number.
fn name(plan: &Plan, thread: usize) -> &str {
    thread.checked_sub(1).map_or("main", |thread| &plan.names[thread])
}

/// The running thread has its name for reports only. Its code finds none, or the same one as in every
/// other thread.
pub(super) fn hides_its_name(behind_another: bool) {
    world(|w| w.threads[w.current].known_as = Some(behind_another.then_some("worker")));
}

/// Runs `all` as in a destructor while the thread unwinds from a panic: explored code can't tell the
/// difference, and a run that ends here leaves no half-unwound stack. Returns what `all` panics with.
fn while_unwinding(all: impl FnOnce() + std::panic::UnwindSafe) -> Option<Box<dyn std::any::Any + Send>> {
    let unwinding = |change: fn(&mut u32)| world(|w| change(&mut w.threads[w.current].unwinding));
    unwinding(|depth| *depth += 1);
    let panicked = crate::panic::catch_unwind(all).err();
    unwinding(|depth| *depth -= 1);
    panicked
}

/// Makes the call, and notes what it returned.
fn perform(play: Play, by: usize, text: &str, run: &Run, object: &Object, log: &Log) {
    let call = lock(log).begin(play.kind, play.on, by);
    note(|| text.to_string());
    let said = run(&**object);
    note(|| format!("… and returns {}", said.text));
    lock(log).end(call, said);
}

/// A row in the table of the report.
fn note(text: impl FnOnce() -> String) {
    if engine::recording() {
        let before = Some(text());
        world(|w| {
            let (who, object) = (w.current, w.threads[w.current].object);
            w.log.push(Event { before, ..Event::plain(who, &PRINT, object, None) });
        });
    }
}

/// A thread has panicked: the report tells the panic of a thread that was not joined.
pub(super) fn let_panics_be_told() {
    world(|w| w.threads.iter_mut().filter(|t| t.panicked.is_some()).for_each(|t| t.joined = false));
}

/// Main sleeps until no other thread can go on.
fn until_all_wait(loc: Loc) {
    let object = world(|w| w.threads[0].object);
    let op = Op { verb: &SLEEP, object, writes: false, loc };
    // The clock moves when every thread waits: this is shorter than any other sleep or timeout.
    let never = Need { object, how: Use::Read, is_met: |_, _| false, than: 0 };
    engine::wait(op, [Some(never), None], &|| false, Wake::After(Duration::from_nanos(1)));
    // Nor is it a row of the report.
    world(|w| w.log.pop());
}

impl Stage {
    /// One run.
    fn run(&self) {
        let (plan, log) = (&self.plan, Log::default());
        let start = &plan.starts[self.scenario.start];
        let objects: Vec<Object> = (0..self.scenario.objects()).map(|_| (start.real)()).collect();
        self.warm_up(&objects[0]);
        for &play in &self.scenario.before {
            self.perform(play, &objects, &log);
        }
        let threads: Vec<JoinHandle<()>> =
            (0..self.scenario.threads.len()).map(|thread| self.start(thread, &objects, &log)).collect();
        let rest = if self.watch == Watch::Rest { self.comes_to_rest(&objects, &log) } else { Rest::Done };
        if matches!(rest, Rest::Panicked) {
            return;
        }
        for (thread, by) in threads.into_iter().zip(1..) {
            if thread.join().is_err() {
                return let_panics_be_told();
            }
            if let Rest::Late(late) = &rest
                && late.contains(&by)
            {
                fail(format!(
                    "{} went on only because time passed: nobody woke it when it could go on",
                    name(&self.plan, by)
                ));
            }
        }
        let now = world(|w| w.now());
        for (on, object) in objects.iter().enumerate() {
            self.close(on, object, &log);
        }
        note(|| if objects.len() > 1 { "the objects are dropped" } else { "the object is dropped" }.into());
        drop(objects);
        self.nothing_took_time(now);
    }

    /// Makes the many calls that come first of all.
    fn warm_up(&self, object: &Object) {
        let mut states = States::of(&self.plan.starts[self.scenario.start]);
        for (kind, call) in self.plan.warm_up(&self.scenario) {
            super::long::make(&self.plan, object, &mut states, kind, call);
        }
        if self.scenario.warm_up.is_some() {
            super::long::forget_steps(0);
        }
    }

    fn perform(&self, play: Play, objects: &[Object], log: &Log) {
        let kind = &self.plan.kinds[play.kind];
        perform(play, 0, &kind.text, &kind.run, &objects[play.on], log);
    }

    fn start(&self, thread: usize, objects: &[Object], log: &Log) -> JoinHandle<()> {
        let with_all = |&play: &Play| {
            let kind = &self.plan.kinds[play.kind];
            (play, kind.text.clone(), kind.run.clone(), objects[play.on].clone())
        };
        let calls: Vec<_> = self.scenario.threads[thread].iter().map(with_all).collect();
        let log = log.clone();
        let unwinds = self.scenario.unwinding == Some(thread);
        let hides_behind_another = self.scenario.size().is_multiple_of(2);
        let work = move || {
            hides_its_name(hides_behind_another);
            let all = AssertUnwindSafe(|| {
                for (play, text, run, object) in &calls {
                    perform(*play, thread + 1, text, run, object, &log);
                }
            });
            let panicked = if unwinds { while_unwinding(all) } else { crate::panic::catch_unwind(all).err() };
            // The objects are main's to drop.
            drop(calls);
            if let Some(panic) = panicked {
                lock(&log).panicked = true;
                crate::panic::resume_unwind(panic);
            }
        };
        Builder::new().name(name(&self.plan, thread + 1).into()).spawn(work).expect("a check has room for it")
    }

    /// Waits until nobody can go on, and frees those who may wait.
    fn comes_to_rest(&self, objects: &[Object], log: &Log) -> Rest {
        let all = self.scenario.before.len() + self.scenario.threads.iter().map(Vec::len).sum::<usize>();
        loop {
            until_all_wait(self.loc);
            let (panicked, pending, made) = {
                let log = lock(log);
                (log.panicked, log.pending(), log.calls.len())
            };
            if panicked {
                return Rest::Panicked;
            }
            // A thread that spins for a moment is done with it soon.
            let mut patience = PATIENCE;
            while busy().is_some() && patience > 0 {
                patience -= 1;
                crate::thread::yield_to_work();
            }
            if patience < PATIENCE && patience > 0 {
                continue;
            }
            if let Some(busy) = busy() {
                fail(format!(
                    "{busy} looks again and again, and keeps a processor busy, although nobody changes anything: a thread that \
                     waits has to sleep until it is woken"
                ));
            }
            if pending.is_empty() && made >= all {
                return Rest::Done;
            }
            if !(0..objects.len()).any(|on| self.free(on, objects, log)) {
                let log = lock(log);
                return Rest::Late(pending.into_iter().map(|call| log.calls[call].by).collect());
            }
        }
    }

    /// Frees those who wait for this object, if all of them may.
    fn free(&self, on: usize, objects: &[Object], log: &Log) -> bool {
        let waiting: Vec<(usize, Call)> = {
            let log = lock(log);
            let calls = log.pending().into_iter().filter(|&i| log.calls[i].on == on);
            calls.map(|i| (log.calls[i].kind, log.calls[i].call)).collect()
        };
        let judged = self.judge(on, log);
        let states: Vec<&dyn State> = judged.states.iter().map(|state| &**state).collect();
        let next = lock(log).next_by(0);
        let kind = if waiting.is_empty() || states.is_empty() {
            None
        } else {
            self.plan.rescue(&states, &waiting, next)
        };
        kind.map(|kind| self.perform(Play { kind, on }, objects, log)).is_some()
    }

    /// Makes the calls that show what is left.
    fn close(&self, on: usize, object: &Object, log: &Log) {
        let judged = self.judge(on, log);
        if judged.gave_up {
            return;
        }
        if judged.states.is_empty() {
            self.explain(&judged, log, &[]);
        }
        let states = States(judged.states.iter().map(|state| state.copy()).collect());
        let mut at_the_end = vec![];
        let closed = states::close(&self.plan, states, |kind| {
            let Kind { text, run, .. } = &self.plan.kinds[kind];
            note(|| text.clone());
            let said = run(&**object);
            note(|| format!("… and returns {}", said.text));
            at_the_end.push((kind, said.text.clone()));
            said
        });
        if closed.is_err() {
            self.explain(&judged, log, &at_the_end);
        }
    }

    fn judge(&self, on: usize, log: &Log) -> Rc<Judged> {
        let log = lock(log);
        let facts = log.facts(on, &self.plan.kinds);
        let judge = || Rc::new(facts.judge(&*self.plan.state_before(&self.scenario), &self.plan.kinds));
        self.judged.borrow_mut().entry((on, facts.key())).or_insert_with(judge).clone()
    }

    /// No order of the calls explains what they returned, and what main got from the
    /// calls at the end.
    fn explain(&self, judged: &Judged, log: &Log, at_the_end: &[(usize, String)]) -> ! {
        let log = lock(log);
        let say = |call: &Made| format!("{} {}", name(&self.plan, call.by), self.plan.kinds[call.kind].text);
        if let Some((late, early)) = judged.unseen {
            let of = |call: Call| log.calls.iter().find(|made| made.call == call).expect("it was made");
            let (late, early) = (of(late), of(early));
            let (by, other) = (name(&self.plan, late.by), name(&self.plan, early.by));
            fail(format!(
                "{}: that returned without waiting for this: {}; at least, {by} need not see what {other} did before it",
                say(late),
                say(early)
            ));
        }
        let got = |call: &Made| {
            let said = call.end.as_ref().map(|(_, _, said)| &said.text).filter(|said| *said != "()")?;
            Some((call.by, format!("{} got {said}", name(&self.plan, call.by))))
        };
        let mut calls: Vec<(usize, String)> = log.calls.iter().filter_map(got).collect();
        calls.sort_by_key(|(by, _)| *by);
        let mut texts: Vec<String> = calls.into_iter().map(|(_, text)| text).collect();
        let at_the_end = at_the_end.iter();
        texts.extend(
            at_the_end.map(|(kind, said)| format!("and then main {}: {said}", self.plan.kinds[*kind].text)),
        );
        if texts.is_empty() {
            fail("all of them returned, but one after the other, one of them has to wait".into());
        }
        fail(texts.join(", "));
    }

    /// Nobody needs the time to go on.
    fn nothing_took_time(&self, since: Duration) {
        let took = world(|w| w.now()) - since;
        if self.watch == Watch::Rest && !took.is_zero() {
            fail(format!(
                "the calls of main and the drop took {took:?}, although nobody had to wait: a thread went on only because its time \
                 was up"
            ));
        }
    }
}

/// The name of a thread that could go on, although every thread waits or looks again and
/// again.
fn busy() -> Option<String> {
    world(|w| {
        let could_go_on = |&tid: &usize| {
            !w.threads[tid].finished && !w.naps(tid) && w.next_of(tid).is_some_and(|(_, ready)| ready)
        };
        (1..w.threads.len()).find(could_go_on).map(|tid| w.name(tid))
    })
}
