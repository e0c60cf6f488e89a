//! Runs a scenario again and again, as the search says, and tells what came of it.

use crate::engine::{self, Failure, Settings, World};
use crate::search::{Kind, Pilot, Price, Rhythm, Script, Shortest, Steps, Tree};
use crate::{report, schedule, watchdog};
use std::fmt;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

type Scenario = Arc<dyn Fn()>;

/// Runs `scenario` under every interleaving of its threads, and panics with the shortest one that fails.
///
/// A run fails when it panics, when its threads wait for each other for ever, or when it never comes to an end. The
/// scenario runs many times, so it makes what it uses afresh. It is the same as `Check::new().run(scenario)`.
///
/// # Panics
/// When a run fails: after printing the report to standard error.
///
/// ```
/// use interleave::sync::{Arc, Mutex};
/// use interleave::thread;
///
/// interleave::check(|| {
///     let visits = Arc::new(Mutex::new(0));
///     let robot = thread::spawn({
///         let visits = Arc::clone(&visits);
///         move || *visits.lock().unwrap() += 1
///     });
///     *visits.lock().unwrap() += 1;
///     robot.join().unwrap();
///     assert_eq!(*visits.lock().unwrap(), 2);
/// });
/// ```
#[track_caller]
pub fn check(scenario: impl Fn() + 'static) {
    Check::new().run(scenario);
}

/// How a scenario is to be checked.
///
/// ```
/// use interleave::sync::atomic::{AtomicU32, Ordering::SeqCst};
/// use interleave::{Check, thread};
///
/// let lost_update = Check::new().try_run(|| {
///     static VISITS: AtomicU32 = AtomicU32::new(0);
///     let visit = || {
///         let seen = VISITS.load(SeqCst);
///         VISITS.store(seen + 1, SeqCst);
///     };
///     let robot = thread::spawn(visit);
///     visit();
///     robot.join().unwrap();
///     assert_eq!(VISITS.load(SeqCst), 2);
/// });
/// let failed = lost_update.unwrap_err();
/// assert_eq!(failed.interruptions(), 1);
/// assert!(failed.to_string().contains("left: 1"));
/// ```
#[derive(Clone, Debug)]
pub struct Check {
    runs: usize,
    preemptions: u32,
    must_join: bool,
    wakeups: u32,
    deadline: Option<Duration>,
    replay: Option<String>,
    stuck_means: Option<&'static str>,
    in_turns: bool,
}

impl Default for Check {
    fn default() -> Self {
        Check {
            runs: 50_000,
            preemptions: u32::MAX,
            must_join: false,
            wakeups: 1,
            deadline: None,
            replay: None,
            stuck_means: None,
            in_turns: false,
        }
    }
}

/// What a check that passed has tried.
///
/// Its `Display` says it in words, and never claims more than was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    runs: usize,
    all: bool,
    interruptions: Option<u32>,
    long: usize,
}

impl Passed {
    /// How many times the scenario ran.
    pub fn runs(&self) -> usize {
        self.runs
    }

    /// Whether every interleaving was tried, or one that differs from it only in the order of steps that have
    /// nothing to do with each other.
    pub fn is_exhaustive(&self) -> bool {
        self.all
    }

    /// Every interleaving with at most so many interruptions was tried; `None` if not even those without any were.
    pub fn interruptions(&self) -> Option<u32> {
        self.interruptions
    }
}

impl fmt::Display for Passed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let runs = report::count(self.runs, "run");
        match (self.all, self.interruptions) {
            (true, _) => write!(f, "all interleavings: {runs}")?,
            (false, None) => write!(f, "some interleavings: {runs}")?,
            (false, Some(n)) => {
                let most = report::count(n as usize, "interruption");
                write!(f, "all interleavings with at most {most}: {runs}")?;
            }
        }
        if self.long > 0 {
            let long = report::count(self.long, "run");
            write!(f, "; {long} of more than 1000 steps went on by lot from there")?;
        }
        Ok(())
    }
}

/// A check that failed; its `Display` is the report.
#[derive(Clone, Debug)]
pub struct Failed {
    headline: String,
    report: String,
    schedule: String,
    runs: usize,
    interruptions: u32,
}

impl Failed {
    /// What went wrong, in one line or a few: no table.
    pub fn headline(&self) -> &str {
        &self.headline
    }

    /// The string by which [`Check::replay`] does the same run again.
    pub fn schedule(&self) -> &str {
        &self.schedule
    }

    /// How many times the scenario ran, the failing run included.
    pub fn runs(&self) -> usize {
        self.runs
    }

    /// How often the failing run takes a thread off the processor that could go on, wakes one without
    /// a reason, or lets one read an old value.
    pub fn interruptions(&self) -> u32 {
        self.interruptions
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.report)
    }
}

impl std::error::Error for Failed {}

/// A run that failed, before it is told.
struct Found {
    failure: Failure,
    trail: Steps,
    cost: u32,
    steps: usize,
    faults: usize,
}

/// What it took to find it.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) runs: usize,
    /// Every run with fewer interruptions was tried, and passed.
    pub(crate) is_least: bool,
}

/// What the search has come to.
enum Outcome {
    Passed(Passed),
    Found(Found, Effort),
    Again,
}

impl Check {
    /// The usual check: every interleaving, or as many as 50,000 runs can try.
    pub fn new() -> Self {
        Self::default()
    }

    /// At most so many runs; 50,000 unless set. Runs of more than 100 steps count for more than one.
    pub fn runs(mut self, runs: usize) -> Self {
        self.runs = runs;
        self
    }

    /// Only interleavings with at most so many interruptions; without a limit unless set.
    ///
    /// An interruption takes a thread off the processor that could go on. Waking a thread without a reason and
    /// reading an old value count too.
    pub fn preemptions(mut self, most: u32) -> Self {
        self.preemptions = most;
        self
    }

    /// No thread may outlive the scenario: what is started is joined.
    pub fn must_join(mut self) -> Self {
        self.must_join = true;
        self
    }

    /// At most so many spurious wakeups and early time-outs in one run; 1 unless set.
    ///
    /// With 0, no wait ends without a notification, and time passes only when every thread waits, so that
    /// [`Instant`](crate::time::Instant) tells whether threads work side by side.
    pub fn wakeups(mut self, most: u32) -> Self {
        self.wakeups = most;
        self
    }

    /// Ends the search after this much real time, with what it has tried by then; without a limit unless set.
    ///
    /// A check that is ended by a clock is not the same every time: prefer [`runs`](Check::runs).
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.deadline = Some(limit);
        self
    }

    /// What it means, in the scenario's words, when a thread waits for ever: the headline says it behind the names.
    ///
    /// A circle of locks explains itself, and so does a thread that waits for one that has panicked.
    pub fn stuck_means(mut self, meaning: &'static str) -> Self {
        self.stuck_means = Some(meaning);
        self
    }

    /// Only runs in which the threads take turns, up to the run's thousandth step: one thread takes one step, each of the others
    /// takes 1 (in other runs 2, 3, … 6), and so on round and round.
    ///
    /// That is an interruption at every step, and finds what every interleaving with a few of them cannot show: a loop that gives
    /// up when it has been overtaken often enough. It takes six runs for each thread; beside it belongs a check without it.
    pub fn in_turns(mut self) -> Self {
        self.in_turns = true;
        self
    }

    /// Does one run only: the one that this schedule, of an earlier report, describes.
    ///
    /// The environment variable `INTERLEAVE_REPLAY` does the same for a check as it stands; with `@` and a line, for the one
    /// in that line of its file only.
    pub fn replay(mut self, schedule: &str) -> Self {
        self.replay = Some(schedule.to_string());
        self
    }

    /// Checks `scenario`; see [`check`].
    ///
    /// # Panics
    /// When a run fails: after printing the report to standard error.
    #[track_caller]
    pub fn run(mut self, scenario: impl Fn() + 'static) -> Passed {
        let line = Location::caller().line();
        if let Some(wanted) = std::env::var_os("INTERLEAVE_REPLAY") {
            let wanted = wanted.to_string_lossy();
            match wanted.split_once('@') {
                // A report names the line of its check, since a test may have several: only that one is done again.
                Some((schedule, at)) if at == line.to_string() => self.replay = Some(schedule.into()),
                Some(_) => {}
                None => self.replay = Some(wanted.into_owned()),
            }
        }
        match self.try_run(scenario) {
            Ok(passed) => passed,
            Err(failed) => {
                // As a panic, but without a backtrace that ends in here.
                let again = report::replay_hint(&failed.schedule, line);
                eprintln!("\n{}: {failed}{again}\n", report::place(Location::caller()));
                std::panic::resume_unwind(Box::new(failed.headline))
            }
        }
    }

    /// Checks `scenario`; the report of the shortest run that fails is the error.
    ///
    /// # Errors
    /// When a run fails.
    ///
    /// # Panics
    /// Inside of another check.
    pub fn try_run(self, scenario: impl Fn() + 'static) -> Result<Passed, Failed> {
        let _one_at_a_time = one_at_a_time();
        let scenario: Scenario = Arc::new(scenario);
        let mut settings =
            Settings { must_join: self.must_join, max_faults: self.wakeups, ..Settings::default() };
        if let Some(text) = &self.replay {
            return self.follow(&mut settings, text, &scenario);
        }
        loop {
            match self.search(settings, &scenario) {
                Outcome::Again => settings.watch_releases = true,
                Outcome::Passed(passed) => return Ok(passed),
                Outcome::Found(found, effort) => return Err(self.tell(settings, &found, effort, &scenario)),
            }
        }
    }

    /// The searches one after the other, each with its part of the runs; see `search.rs`.
    fn search(&self, settings: Settings, scenario: &Scenario) -> Outcome {
        let mut hunt =
            Hunt { check: self, settings, scenario, start: Instant::now(), runs: 0, steps: 0, long: 0 };
        if self.in_turns {
            return hunt.in_turns();
        }
        let mut shortest = Some(Shortest::new(self.preemptions, Price::Interruptions));
        let most = if self.preemptions < u32::MAX { u32::MAX } else { SHORT_LEVELS };
        let part = if self.preemptions < u32::MAX { self.runs } else { self.runs / 5 };
        let mut end = hunt.by_cost(&mut shortest, most, part);
        if end.is_paused() && shortest.as_ref().is_some_and(|s| s.level <= SHORT_LEVELS) {
            // Not even those with two interruptions could be tried: those that are nearly the usual run, then.
            let mut nearest = Some(Shortest::new(u32::MAX, Price::Detours));
            end = hunt.by_cost(&mut nearest, u32::MAX, self.runs * 2 / 5);
        }
        if end.is_paused() {
            end = hunt.through_the_tree(hunt.runs + (self.runs - hunt.runs.min(self.runs)) * 2 / 3);
        }
        if end.is_paused() {
            end = hunt.by_cost(&mut shortest, u32::MAX, self.runs);
        }
        let tried = shortest.as_ref().and_then(Shortest::tried);
        let Hunt { runs, long, .. } = hunt;
        match end {
            End::Again => Outcome::Again,
            End::Found(found) => {
                let is_least = tried.is_some_and(|tried| tried + 1 >= found.cost) || found.cost == 0;
                Outcome::Found(found, Effort { runs, is_least })
            }
            End::Paused => Outcome::Passed(Passed { runs, all: false, interruptions: tried, long }),
            End::Done { cut } => {
                let all = !cut && long == 0;
                Outcome::Passed(Passed { runs, all, interruptions: tried, long })
            }
        }
    }

    /// Does the one run that `text` describes.
    fn follow(&self, settings: &mut Settings, text: &str, scenario: &Scenario) -> Result<Passed, Failed> {
        let steps = match schedule::parse(text) {
            Ok(steps) => steps,
            Err(why) => {
                let (headline, report) = (why.clone(), why);
                return Err(Failed { headline, report, schedule: text.into(), runs: 0, interruptions: 0 });
            }
        };
        settings.recording = true;
        loop {
            let pilot = Pilot::Script(Script::new(steps.clone()));
            let (failure, w) = run_once(*settings, pilot, scenario);
            match failure {
                Some(Failure::WatchReleases) => settings.watch_releases = true,
                Some(failure) => {
                    let found = found(failure, &w);
                    return Err(self.told(&w, &found, None));
                }
                None => {
                    eprintln!("\nThe schedule {text} passes:\n\n{}", report::table(&w));
                    return Ok(Passed { runs: 1, all: false, interruptions: None, long: 0 });
                }
            }
        }
    }

    /// Does the failing run again, with everything recorded.
    fn tell(&self, mut settings: Settings, found: &Found, effort: Effort, scenario: &Scenario) -> Failed {
        settings.recording = true;
        let pilot = Pilot::Script(Script::new(found.trail.clone()));
        let (_, w) = run_once(settings, pilot, scenario);
        self.told(&w, found, Some(effort))
    }

    /// Without an effort it was a replay.
    fn told(&self, w: &World, found: &Found, effort: Option<Effort>) -> Failed {
        let schedule = schedule_of(w);
        let headline = report::headline(w, &found.failure, self.stuck_means);
        let effort_and_cost = effort.map(|effort| (effort, found.cost));
        let report = report::report(w, &found.failure, &headline, effort_and_cost);
        let runs = effort.map_or(1, |effort| effort.runs);
        Failed { headline, report, schedule, runs, interruptions: found.cost }
    }
}

/// After a failure, so many runs more may turn up one with as many interruptions and fewer steps.
const EXTRA_RUNS: usize = 500;
/// The runs with so many interruptions are tried one by one before those with more are reduced.
const SHORT_LEVELS: u32 = 2;

/// While one thread takes a step, each other one takes so many at most.
const FASTEST: u32 = 6;

/// How one search ended.
enum End {
    /// It has tried all there is, but for what costs too much.
    Done {
        cut: bool,
    },
    /// Its part of the runs is used up.
    Paused,
    Found(Found),
    Again,
}

impl End {
    fn is_paused(&self) -> bool {
        matches!(self, End::Paused)
    }
}

/// The searches of one check, and what they have used up.
struct Hunt<'a> {
    check: &'a Check,
    settings: Settings,
    scenario: &'a Scenario,
    start: Instant,
    runs: usize,
    /// The steps of all runs.
    steps: usize,
    /// Runs that went on by lot.
    long: usize,
}

/// A run counts for so many steps; long ones count for more.
const STEPS_OF_A_RUN: usize = 100;

impl Hunt<'_> {
    fn must_stop(&self, limit: usize) -> bool {
        self.runs >= limit
            || self.steps >= limit.saturating_mul(STEPS_OF_A_RUN)
            || self.check.deadline.is_some_and(|limit| self.start.elapsed() >= limit)
    }

    /// Runs in order of their cost, up to `most`.
    fn by_cost(&mut self, search: &mut Option<Shortest>, most: u32, limit: usize) -> End {
        let mut best: Option<Found> = None;
        let mut last_run = usize::MAX;
        loop {
            let Some(shortest) = search.take_if(|s| s.level <= most && !self.must_stop(limit)) else {
                return best.map_or(End::Paused, End::Found);
            };
            let level = shortest.level;
            let (failure, w) = run_once(self.settings, Pilot::Shortest(shortest), self.scenario);
            if matches!(failure, Some(Failure::WatchReleases)) {
                return End::Again;
            }
            self.runs += 1;
            self.steps += w.steps;
            let found = failure.map(|failure| found(failure, &w));
            let Pilot::Shortest(mut shortest) = w.pilot else { unreachable!("the pilot comes back") };
            self.long += usize::from(std::mem::take(&mut shortest.coasted));
            if let Some(found) = found {
                last_run = last_run.min(self.runs + EXTRA_RUNS);
                let key = |f: &Found| (f.cost, f.faults, f.steps);
                if best.as_ref().is_none_or(|best| key(&found) < key(best)) {
                    best = Some(found);
                }
            }
            let more = shortest.next_run();
            let (next, cut) = (shortest.level, shortest.cut);
            *search = Some(shortest);
            match best.take_if(|_| !more || next > level || self.runs >= last_run) {
                Some(best) => return End::Found(best),
                None if !more => return End::Done { cut },
                None => {}
            }
        }
    }

    /// One thread is slow, the others are fast; each thread in turn is the slow one.
    fn in_turns(&mut self) -> Outcome {
        let (mut slow, mut threads) = (0, 1);
        while slow < threads {
            for others in 1..=FASTEST {
                let pilot = Pilot::Rhythm(Rhythm::new(slow, others));
                let (failure, w) = run_once(self.settings, pilot, self.scenario);
                if matches!(failure, Some(Failure::WatchReleases)) {
                    return Outcome::Again;
                }
                self.runs += 1;
                if let Some(failure) = failure {
                    let effort = Effort { runs: self.runs, is_least: false };
                    return Outcome::Found(found(failure, &w), effort);
                }
                self.long += usize::from(w.steps > engine::LONG);
                threads = w.threads.len();
            }
            slow += 1;
        }
        let (runs, long) = (self.runs, self.long);
        Outcome::Passed(Passed { runs, all: false, interruptions: None, long })
    }

    /// All runs, but for those that differ only in the order of independent steps.
    fn through_the_tree(&mut self, limit: usize) -> End {
        let mut tree = Tree::new(true);
        while !self.must_stop(limit) {
            let (failure, w) = run_once(self.settings, Pilot::Tree(tree), self.scenario);
            if matches!(failure, Some(Failure::WatchReleases)) {
                return End::Again;
            }
            self.runs += 1;
            self.steps += w.steps;
            if let Some(failure) = failure {
                return End::Found(found(failure, &w));
            }
            let Pilot::Tree(back) = w.pilot else { unreachable!("the pilot comes back") };
            tree = back;
            self.long += usize::from(std::mem::take(&mut tree.coasted));
            if !tree.next_run() {
                return End::Done { cut: false };
            }
        }
        End::Paused
    }
}

/// One run of the scenario, and how it failed if it did.
pub(crate) fn run_once(settings: Settings, pilot: Pilot, scenario: &Scenario) -> (Option<Failure>, World) {
    engine::begin(settings, pilot);
    let body = scenario.clone();
    crate::fibre::run(Box::new(move || body()));
    let w = engine::end();
    let unseen = || {
        let unseen = |(who, t): (usize, &engine::Thread)| {
            let panicked = t.panicked.clone().filter(|_| !t.joined)?;
            Some(Failure::Panic { who, panicked })
        };
        w.threads.iter().enumerate().find_map(unseen)
    };
    (w.failure.clone().or_else(unseen), w)
}

fn found(failure: Failure, w: &World) -> Found {
    Found {
        failure,
        trail: w.steps_taken(),
        cost: w.trail.iter().map(|c| c.cost).sum(),
        steps: w.log.len(),
        faults: w.trail.iter().filter(|c| c.kind == Kind::Fault).count(),
    }
}

/// A schedule of more steps than this stops where only usual choices follow.
const LONG_SCHEDULE: usize = 60;

/// The steps up to the last one that anybody but the scenario's own thread takes.
pub(crate) fn schedule_of(w: &World) -> String {
    let last = w.trail.iter().rposition(|c| c.who != 0 || c.kind != Kind::Turn);
    let steps = match last.map_or(0, |last| last + 1) {
        steps if steps <= LONG_SCHEDULE => steps,
        _ => w.telling,
    };
    schedule::to_string(&w.trail[..steps])
}

/// Explorations share the learner's statics: one at a time in a process.
pub(crate) fn one_at_a_time() -> Turn {
    static ONE: Mutex<()> = Mutex::new(());
    assert!(!engine::exploring(), "a check cannot run inside of another check");
    let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    watchdog::set_up();
    crate::io::before_search();
    crate::panic::before_search();
    ACTIVE.store(true, Relaxed);
    Turn(guard)
}

/// Whether an exploration is under way anywhere in the process.
pub(crate) static ACTIVE: AtomicBool = AtomicBool::new(false);

pub(crate) struct Turn(#[expect(dead_code, reason = "it is held, not read")] MutexGuard<'static, ()>);

impl Drop for Turn {
    fn drop(&mut self) {
        ACTIVE.store(false, Relaxed);
        crate::panic::after_search();
    }
}
