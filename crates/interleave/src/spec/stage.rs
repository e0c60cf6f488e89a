//! Runs scenarios, and tells the one that fails.

use super::history::{History, Judged, Moment};
use super::scenario::{Foreseen, Lot, Play, Scenario, small_sizes};
use super::{Call, Object, Plan, Spec, State};
use crate::check::{self, Check};
use crate::engine::{self, Loc, Op, Verb, Wake, exploring, world};
use crate::thread::{Builder, JoinHandle};
use std::cell::RefCell;
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
}

/// A scenario that the specification does not explain; its `Display` is the report.
#[derive(Clone, Debug)]
pub struct Failed {
    pub(super) headline: String,
    report: String,
}

impl Failed {
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

/// A scenario of the small ones gets at most so many runs, and a larger one.
const RUNS_OF_A_SCENARIO: usize = 300;
/// So many smaller scenarios are tried when one has failed.
const MOST_TRIES: usize = 200;
/// The scenarios may take so many times longer to make up than to run.
const MOST_DRAWN: usize = 2_000;
/// What it means that a thread waits for ever.
const STUCK: &str = "but in whatever order the calls took effect, it could go on";
/// So many endings are told.
const MOST_ENDINGS: usize = 4;

/// How the threads of a scenario are watched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Watch {
    /// Until nobody can go on: then those who wait have to be those who may, and a further call frees them. Nothing happens that
    /// std allows and does for no reason.
    Rest,
    /// Until all are done. A wait may end for no reason.
    Join,
}

impl<T: Send + Sync + 'static, M: Clone + PartialEq + 'static> Spec<T, M> {
    pub(super) fn search(self, loc: Loc) -> Result<Passed, Failed> {
        let mut plan = self.plan;
        let waits = |scenario| plan.foresee(&scenario, false).is_some_and(|foreseen| foreseen.waits);
        plan.waits = (1..=2).any(|calls| Scenario::of_size(&plan, calls).any(waits));
        search(&Rc::new(plan), loc)
    }
}

fn search(plan: &Rc<Plan>, loc: Loc) -> Result<Passed, Failed> {
    let mut passed = Passed { scenarios: 0, runs: 0 };
    let mut try_all = |scenarios: &mut dyn Iterator<Item = Scenario>, until: usize| {
        for scenario in scenarios {
            if passed.runs >= until {
                break;
            }
            let Some(foreseen) = plan.foresee(&scenario, false).filter(|f| f.can_be_freed) else { continue };
            passed.scenarios += 1;
            for watch in foreseen.ways_to_watch(plan) {
                match explore(plan, &scenario, watch, loc) {
                    Ok(runs) => passed.runs += runs,
                    Err(_) => return Err(tell(plan, smallest(plan, scenario, watch, loc), watch, loc)),
                }
            }
        }
        Ok(())
    };
    let sizes = small_sizes(plan);
    try_all(&mut sizes.flat_map(|calls| Scenario::of_size(plan, calls)), plan.runs / 2)?;
    let mut lot = Lot::new();
    try_all(&mut (0..MOST_DRAWN).map(|_| Scenario::drawn(plan, &mut lot)), plan.runs)?;
    Ok(passed)
}

impl Foreseen {
    fn ways_to_watch(&self, plan: &Plan) -> Vec<Watch> {
        let mut ways = vec![];
        if plan.waits && !plan.time_may_pass {
            ways.push(Watch::Rest);
        }
        if self.never_stuck {
            ways.push(Watch::Join);
        }
        ways
    }
}

/// The number of runs, or the failure.
fn explore(plan: &Rc<Plan>, scenario: &Scenario, watch: Watch, loc: Loc) -> Result<usize, check::Failed> {
    let stage = Stage::new(plan.clone(), scenario.clone(), watch, loc);
    let passed = check_of(plan, watch).runs(RUNS_OF_A_SCENARIO).try_run(move || stage.run())?;
    Ok(passed.runs())
}

fn check_of(plan: &Plan, watch: Watch) -> Check {
    let check = Check::new().stuck_means(STUCK).wakeups(u32::from(watch == Watch::Join));
    if plan.must_join { check.must_join() } else { check }
}

/// The scenario without all that it takes no part in the failure.
fn smallest(plan: &Rc<Plan>, mut scenario: Scenario, watch: Watch, loc: Loc) -> Scenario {
    let mut tries = 0;
    'smaller: loop {
        for one in scenario.smaller() {
            let foreseen = plan.foresee(&one, false).filter(|f| f.can_be_freed);
            if !foreseen.is_some_and(|foreseen| foreseen.ways_to_watch(plan).contains(&watch)) {
                continue;
            }
            tries += 1;
            if tries > MOST_TRIES {
                return scenario;
            }
            if explore(plan, &one, watch, loc).is_err() {
                scenario = one;
                continue 'smaller;
            }
        }
        return scenario;
    }
}

/// Runs the failing scenario again, or the run of it that `INTERLEAVE_REPLAY` asks for.
fn tell(plan: &Rc<Plan>, scenario: Scenario, watch: Watch, loc: Loc) -> Failed {
    let stage = Stage::new(plan.clone(), scenario.clone(), watch, loc);
    let mut check = check_of(plan, watch).runs(RUNS_OF_A_SCENARIO);
    if let Some(schedule) = replay_wanted(loc.line()) {
        check = check.replay(&schedule);
    }
    let failed = match check.try_run(move || stage.run()) {
        Err(failed) => failed,
        Ok(_) => {
            let headline = format!("this run passes: {}", scenario.story(plan));
            return Failed { report: headline.clone(), headline };
        }
    };
    let mut headline = format!("{}: {}", scenario.story(plan), failed.headline());
    let endings = plan.foresee(&scenario, true).map(|foreseen| foreseen.endings).unwrap_or_default();
    if !endings.is_empty() && endings.iter().flatten().any(|text| text != "()") {
        let _ = write!(headline, "\n    One after the other, the calls can only return:");
        for ending in endings.iter().take(MOST_ENDINGS) {
            let names = scenario.threads.iter().enumerate().flat_map(|(i, calls)| calls.iter().map(move |_| i + 1));
            let names = scenario.before.iter().map(|_| 0).chain(names);
            let told: Vec<String> =
                names.zip(ending).map(|(thread, text)| format!("{} {text}", plan.name(thread))).collect();
            let _ = write!(headline, "\n        {}", told.join(", "));
        }
        if endings.len() > MOST_ENDINGS {
            let _ = write!(headline, "\n        and {} more", endings.len() - MOST_ENDINGS);
        }
    }
    let report = failed.to_string();
    let table = report.split_once("\n\n").map_or("", |(_, table)| table);
    let again = crate::report::replay_hint(failed.schedule(), loc.line());
    let report = format!("{headline}\n\n{table}{again}");
    Failed { headline, report }
}

/// The schedule of an earlier report, if it is the one of the check in this line.
fn replay_wanted(line: u32) -> Option<String> {
    let wanted = std::env::var("INTERLEAVE_REPLAY").ok()?;
    let (schedule, at) = wanted.split_once('@').unwrap_or((&wanted, ""));
    (at.is_empty() || at == line.to_string()).then(|| schedule.to_string())
}

/// A scenario, and what is known of its histories from one run to the next.
struct Stage {
    plan: Rc<Plan>,
    scenario: Scenario,
    watch: Watch,
    loc: Loc,
    judged: RefCell<HashMap<(usize, Vec<u8>), Rc<Judged>>>,
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

impl Plan {
    /// Of a thread by its number.
    fn name(&self, thread: usize) -> &str {
        thread.checked_sub(1).map_or("main", |thread| &self.names[thread])
    }
}

/// Makes the call, and notes what it returned.
fn perform(play: Play, by: usize, text: &str, run: &super::Run, object: &Object, log: &Log, loc: Loc) {
    let began = Moment::of_a_write(loc);
    let call = lock(log).begin(play.kind, play.on, by, began);
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
            let (who, object, woken) = (w.current, w.threads[w.current].object, engine::Woken::Ready);
            let verb = Verb::Print;
            w.log.push(engine::Event { who, verb, object, loc: None, before, after: None, preempts: false, woken });
        });
    }
}

impl Stage {
    fn new(plan: Rc<Plan>, scenario: Scenario, watch: Watch, loc: Loc) -> Self {
        Stage { plan, scenario, watch, loc, judged: RefCell::default() }
    }

    /// One run.
    fn run(&self) {
        let (plan, log) = (&self.plan, Log::default());
        let start = &plan.starts[self.scenario.start];
        let objects: Vec<Object> = (0..self.scenario.objects()).map(|_| (start.real)()).collect();
        for &play in &self.scenario.before {
            self.perform(play, &objects, &log);
        }
        let threads: Vec<JoinHandle<()>> =
            (0..self.scenario.threads.len()).map(|thread| self.start(thread, &objects, &log)).collect();
        let rest = if self.watch == Watch::Rest { self.comes_to_rest(&objects, &log) } else { Rest::Done };
        if matches!(rest, Rest::Panicked) {
            return;
        }
        for (thread, name) in threads.into_iter().zip(1..) {
            if thread.join().is_err() {
                // The report tells the panic of a thread that was not joined.
                world(|w| w.threads.iter_mut().filter(|t| t.panicked.is_some()).for_each(|t| t.joined = false));
                return;
            }
            if let Rest::Late(late) = &rest
                && late.contains(&name)
            {
                fail(&format!(
                    "{} went on only because time passed: nobody woke it when it could go on",
                    self.plan.name(name)
                ));
            }
        }
        let now = world(|w| w.now);
        self.close(&objects, &log);
        self.judge_all(objects.len(), &log);
        note(|| if objects.len() > 1 { "the objects are dropped" } else { "the object is dropped" }.into());
        drop(objects);
        self.nothing_took_time(now);
    }

    fn perform(&self, play: Play, objects: &[Object], log: &Log) {
        let kind = &self.plan.kinds[play.kind];
        perform(play, 0, &kind.text, &kind.run, &objects[play.on], log, self.loc);
    }

    fn start(&self, thread: usize, objects: &[Object], log: &Log) -> JoinHandle<()> {
        let with_all = |&play: &Play| {
            let kind = &self.plan.kinds[play.kind];
            (play, kind.text.clone(), kind.run.clone(), objects[play.on].clone())
        };
        let calls: Vec<_> = self.scenario.threads[thread].iter().map(with_all).collect();
        let (log, loc) = (log.clone(), self.loc);
        let work = move || {
            let all = AssertUnwindSafe(|| {
                for (play, text, run, object) in &calls {
                    perform(*play, thread + 1, text, run, object, &log, loc);
                }
            });
            let panicked = crate::panic::catch_unwind(all).err();
            // The objects are main's to drop.
            drop(calls);
            if let Some(panic) = panicked {
                lock(&log).panicked = true;
                crate::panic::resume_unwind(panic);
            }
        };
        Builder::new().name(self.plan.name(thread + 1).into()).spawn(work).expect("a check has room for it")
    }

    /// Waits until nobody can go on, and frees those who may wait.
    fn comes_to_rest(&self, objects: &[Object], log: &Log) -> Rest {
        let all = self.scenario.before.len() + self.scenario.threads.iter().map(Vec::len).sum::<usize>();
        loop {
            let object = world(|w| w.threads[0].object);
            let op = Op { verb: Verb::Sleep, object, writes: false, loc: self.loc };
            // The clock moves when every thread waits: this is shorter than any other sleep or timeout.
            engine::wait(op, &|| false, Wake::After(Duration::from_nanos(1)));
            let (panicked, pending, made) = {
                let log = lock(log);
                (log.panicked, log.pending(), log.calls.len())
            };
            if panicked {
                return Rest::Panicked;
            }
            if pending.is_empty() && made >= all {
                return Rest::Done;
            }
            if let Some(busy) = busy() {
                fail(&format!(
                    "{busy} looks again and again, and keeps a processor busy, although nobody changes anything: a thread that \
                     waits has to sleep until it is woken"
                ));
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
            calls.map(|i| (log.calls[i].kind, Call { number: i, thread: log.calls[i].by })).collect()
        };
        let judged = self.judge(on, log);
        let states: Vec<&dyn State> = judged.states.iter().map(|state| &**state).collect();
        let next = Call { number: lock(log).calls.len(), thread: 0 };
        let kind = if waiting.is_empty() || states.is_empty() {
            None
        } else {
            self.plan.rescue(&states, &waiting, next)
        };
        kind.map(|kind| self.perform(Play { kind, on }, objects, log)).is_some()
    }

    /// The calls that show what is left.
    fn close(&self, objects: &[Object], log: &Log) {
        for on in 0..objects.len() {
            for &kind in &self.plan.closing {
                for _ in 0..2 * super::scenario::LARGE {
                    let before = self.judge(on, log);
                    let next = Call { number: lock(log).calls.len(), thread: 0 };
                    let returns = |state: &Box<dyn State>| self.plan.takes_effect(kind, &mut *state.copy(), next);
                    if before.states.is_empty() || !before.states.iter().all(returns) {
                        break;
                    }
                    self.perform(Play { kind, on }, objects, log);
                    let after = self.judge(on, log);
                    let is_as_before =
                        |state: &Box<dyn State>| before.states.iter().any(|other| other.is_same(&**state));
                    if after.states.iter().all(is_as_before) {
                        break;
                    }
                }
            }
        }
    }

    fn judge(&self, on: usize, log: &Log) -> Rc<Judged> {
        let log = lock(log);
        let facts = log.facts(on, &self.plan.kinds);
        let start = &*self.plan.starts[self.scenario.start].model;
        let judge = || Rc::new(facts.judge(start, &self.plan.kinds));
        self.judged.borrow_mut().entry((on, facts.key())).or_insert_with(judge).clone()
    }

    /// Fails if no order of the calls explains what they returned.
    fn judge_all(&self, objects: usize, log: &Log) {
        for on in 0..objects {
            let judged = self.judge(on, log);
            if !judged.states.is_empty() {
                continue;
            }
            let log = lock(log);
            let say = |call: usize| {
                let call = &log.calls[call];
                format!("{} {}", self.plan.name(call.by), self.plan.kinds[call.kind].text)
            };
            if let Some((late, early)) = judged.unseen {
                let (by, other) = (self.plan.name(log.calls[late].by), self.plan.name(log.calls[early].by));
                fail(&format!(
                    "{}, but when the call returns, {by} need not see what {other} did before this: {}",
                    say(late),
                    say(early)
                ));
            }
            let told = |call: &super::history::Made| {
                let said = call.end.as_ref().map_or("nothing", |(_, _, said)| &said.text);
                (call.by, said.to_string(), self.plan.kinds[call.kind].text.clone())
            };
            let ordinary = self.scenario.before.len() + self.scenario.threads.iter().map(Vec::len).sum::<usize>();
            let all: Vec<_> = log.calls.iter().map(told).collect();
            let (calls, at_the_end) = all.split_at(ordinary.min(all.len()));
            let mut calls: Vec<_> = calls.iter().filter(|(_, said, _)| said != "()").collect();
            calls.sort_by_key(|(by, ..)| *by);
            let mut texts: Vec<String> =
                calls.iter().map(|(by, said, _)| format!("{} got {said}", self.plan.name(*by))).collect();
            texts.extend(at_the_end.iter().map(|(_, said, text)| format!("and in the end, main {text}: {said}")));
            fail(&texts.join(", "));
        }
    }

    /// Nobody needs the time to go on.
    fn nothing_took_time(&self, since: Duration) {
        let took = world(|w| w.now) - since;
        if self.watch == Watch::Rest && !took.is_zero() {
            fail(&format!(
                "the calls of main and the drop took {took:?}, although nobody had to wait: a thread went on only because its time \
                 was up"
            ));
        }
    }
}

/// The name of a thread that could go on, although every thread waits or looks again and again.
fn busy() -> Option<String> {
    world(|w| {
        let could_go_on = |&tid: &usize| !w.threads[tid].finished && w.next_of(tid).is_some_and(|(_, ready)| ready);
        (1..w.threads.len()).find(could_go_on).map(|tid| w.name(tid))
    })
}

/// Ends the run: this is what went wrong.
fn fail(what: &str) -> ! {
    debug_assert!(exploring());
    crate::panic::resume_unwind(Box::new(what.to_string()))
}
