//! Runs a scenario again and again, as the search says, and tells what came of it.

use crate::engine::{self, Failure, Limits, Settings, World};
use crate::graph::{Moment, run_and_watch};
use crate::machine::{self, FailureKind};
use crate::report::page::{self, Page};
use crate::report::{Odds, replay};
use crate::search::{
    Between, Every, InTurns, Kind, Lots, Pilot, Price, Script, Shortest, Steps, Stopped, Traces,
};
use crate::{report, schedule, watchdog};
use std::fmt;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
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
    daemons: bool,
    must_sleep: bool,
    takes_no_time: bool,
    /// Unless set: 1, and then as many more as can be tried.
    wakeups: Option<u32>,
    deadline: Option<Duration>,
    replay: Option<String>,
    stuck_means: Option<&'static str>,
    stops: Stops,
    /// It's one of a specification's scenarios, of which this many lines are told besides.
    of_spec: Option<usize>,
    /// The failing run is wanted as a page, too.
    wants_page: bool,
}

/// Where threads are stopped.
#[derive(Clone, Debug)]
pub(crate) enum Stops {
    /// Everywhere: a search.
    Anywhere,
    /// At every step, in turn.
    InTurns,
    /// This thread, once, and until no other can go on. Which one it is, the scenario says as it runs.
    Once(Arc<AtomicUsize>),
    /// The thread that starts first, at each of its steps, until the others have made one more call.
    /// The scenario counts the calls.
    AtEachStep(Arc<AtomicUsize>),
    /// Only where it has to wait, and main wherever another can go on: one run.
    Never,
}

impl Default for Check {
    fn default() -> Self {
        Check {
            runs: 50_000,
            preemptions: u32::MAX,
            must_join: false,
            daemons: false,
            must_sleep: false,
            takes_no_time: false,
            wakeups: None,
            deadline: None,
            replay: None,
            stuck_means: None,
            stops: Stops::Anywhere,
            of_spec: None,
            wants_page: false,
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
    limits: Limits,
    faults: u32,
    counts: bool,
}

impl Passed {
    /// How many times the scenario ran.
    pub fn runs(&self) -> usize {
        self.runs
    }

    /// Whether nothing at all was left out: every interleaving was tried, or one that differs from it only in the order of
    /// steps that have nothing to do with each other, and no limit was met.
    pub fn is_exhaustive(&self) -> bool {
        self.all && self.limits == Limits::default() && !self.counts
    }

    /// Whether every interleaving within the limits was tried that `Display` names. A wait that may end
    /// spuriously any number of times, for instance, always meets one.
    pub fn is_complete(&self) -> bool {
        self.all
    }

    /// If not all interleavings were tried: every one with at most that many interruptions was; `None` if not even those
    /// without any were.
    pub fn interruptions(&self) -> Option<u32> {
        self.interruptions
    }
}

impl fmt::Display for Passed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.all, self.interruptions) {
            (true, _) => f.write_str("all interleavings")?,
            (false, None) => f.write_str("some interleavings")?,
            (false, Some(n)) => {
                let most = report::count(n as usize, "interruption");
                write!(f, "all interleavings with at most {most}")?;
            }
        }
        if self.limits.faults {
            match self.faults {
                0 => f.write_str(", without spurious wakeups and early timeouts")?,
                n => write!(f, ", with at most {} each", report::count(n as usize, "spurious event"))?,
            }
        }
        if self.limits.loops {
            f.write_str(", where a loop went around at most twice while nothing else changed")?;
        }
        if self.counts {
            f.write_str(", where reference counts are not steps")?;
        }
        write!(f, ": {}", report::count(self.runs, "run"))?;
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
    kind: FailureKind,
    headline: String,
    report: String,
    schedule: String,
    runs: usize,
    interruptions: u32,
    page: Option<Box<Page>>,
}

impl Failed {
    /// Returns what kind of failure it is.
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

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

    /// The failing run as a page, if that is wanted.
    pub(crate) fn page(&self) -> Option<&Page> {
        self.page.as_deref()
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
    /// Something was learnt that the search has to begin with.
    Again(Settings),
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

    /// When the scenario has returned and no thread can go on, the threads that still wait are stopped, as std stops them
    /// at the end of `main`. Without this, a thread that waits forever is a failure. What the stopped threads own is leaked in
    /// every run.
    ///
    /// ```
    /// use interleave::sync::mpsc::channel;
    /// use interleave::{Check, thread};
    ///
    /// Check::new().daemons().run(|| {
    ///     let (tx, rx) = channel::<u32>();
    ///     thread::spawn(move || rx.into_iter().for_each(drop));
    ///     tx.send(1).unwrap();
    ///     std::mem::forget(tx); // as in a static, which is never dropped
    /// });
    /// ```
    pub fn daemons(mut self) -> Self {
        self.daemons = true;
        self
    }

    /// A thread that waits has to sleep until it is woken: a run fails if one looks again and again at what no other thread
    /// changes.
    ///
    /// Such a thread is left to go on alone. It fails if it looks the same 200 times, or 5,000 times if it takes a lock or
    /// sleeps on the way. A thread that sleeps, or waits with a timeout, between any two looks isn't found here; with
    /// [`takes_no_time`](Check::takes_no_time) finds it.
    ///
    /// ```
    /// use interleave::sync::Arc;
    /// use interleave::sync::atomic::{AtomicBool, Ordering::SeqCst};
    /// use interleave::{Check, thread};
    ///
    /// let failed = Check::new().must_sleep().try_run(|| {
    ///     let is_done = Arc::new(AtomicBool::new(false));
    ///     let worker = thread::spawn({
    ///         let is_done = Arc::clone(&is_done);
    ///         move || is_done.store(true, SeqCst)
    ///     });
    ///     while !is_done.load(SeqCst) {
    ///         thread::yield_now();
    ///     }
    ///     worker.join().unwrap();
    /// });
    /// assert!(failed.unwrap_err().headline().contains("main looks again and again"));
    /// ```
    pub fn must_sleep(mut self) -> Self {
        self.must_sleep = true;
        self
    }

    /// Nothing waits for the clock: a run fails if time has passed by its end. Implies [`wakeups(0)`](Check::wakeups).
    ///
    /// It's for a scenario that doesn't sleep itself. If time passes all the same, a thread that waited was not woken, but
    /// woke up by itself.
    ///
    /// ```
    /// use interleave::sync::{Arc, Condvar, Mutex};
    /// use interleave::time::Duration;
    /// use interleave::{Check, thread};
    ///
    /// let failed = Check::new().takes_no_time().try_run(|| {
    ///     let shared = Arc::new((Mutex::new(false), Condvar::new()));
    ///     let worker = thread::spawn({
    ///         let shared = Arc::clone(&shared);
    ///         move || *shared.0.lock().unwrap() = true // and forgets to notify
    ///     });
    ///     let mut is_done = shared.0.lock().unwrap();
    ///     while !*is_done {
    ///         is_done = shared.1.wait_timeout(is_done, Duration::from_millis(1)).unwrap().0;
    ///     }
    ///     drop(is_done);
    ///     worker.join().unwrap();
    /// });
    /// assert!(failed.unwrap_err().headline().contains("slept for 1ms"));
    /// ```
    pub fn takes_no_time(mut self) -> Self {
        self.takes_no_time = true;
        self.wakeups(0)
    }

    /// At most so many spurious wakeups and early time-outs in one run; 1 unless set.
    ///
    /// With 0, no wait ends without a notification, and time passes only when every thread waits, so that
    /// [`Instant`](crate::time::Instant) tells whether threads work side by side.
    pub fn wakeups(mut self, most: u32) -> Self {
        self.wakeups = Some(most);
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
        self.stops = Stops::InTurns;
        self
    }

    /// Only runs in which one thread is stopped once, and goes on when no other thread can. Each run stops it at another of its
    /// steps. The thread is the one that was started as number `thread`: main is 0, and the first thread that main starts is 1.
    ///
    /// That finds what a thread doesn't notice if very much happens meanwhile. Beside it belongs a check without it.
    pub fn stopped_once(mut self, thread: usize) -> Self {
        self.stops = Stops::Once(Arc::new(AtomicUsize::new(thread)));
        self
    }

    /// Where threads are stopped; anywhere unless set.
    pub(crate) fn stops(mut self, stops: Stops) -> Self {
        self.stops = stops;
        self
    }

    /// It's one of a specification's scenarios, of which this many lines are told besides.
    pub(crate) fn of_spec(mut self, lines: usize) -> Self {
        self.of_spec = Some(lines);
        self
    }

    /// The failing run is wanted as a page, too.
    pub(crate) fn with_page(mut self) -> Self {
        self.wants_page = true;
        self
    }

    /// Does one run only: the one that this schedule, of an earlier report, describes.
    ///
    /// The environment variable `INTERLEAVE_REPLAY` does the same for a check as it stands; with `@` and a line, for the one
    /// in that line of its file only. `INTERLEAVE_REPLAY=last` does the run again with which the test failed last.
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
        let place = Location::caller();
        let line = place.line();
        let wanted = replay::wanted(line);
        let is_replay = wanted.is_some();
        self.replay = wanted.or(self.replay);
        match self.with_page().try_run(scenario) {
            Ok(passed) => {
                if !is_replay {
                    replay::forget(line);
                }
                machine::check_passes(&passed, Location::caller());
                passed
            }
            Err(failed) => {
                let tell = |schedule: &str| machine::fails(failed.kind, schedule, place);
                let Failed { headline, report, schedule, page, .. } = &failed;
                report::print_failure(place, headline, report, schedule, page.as_deref(), &tell);
                // As a panic, but without a backtrace that ends in here.
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
        let scenario: Scenario = match self.takes_no_time {
            true => Arc::new(move || in_no_time(&scenario)),
            false => Arc::new(scenario),
        };
        engine::forget_loops();
        let max_faults = self.wakeups.unwrap_or(1);
        let Check { must_join, daemons, must_sleep, .. } = self;
        let patient = match self.stops {
            Stops::Anywhere => None,
            Stops::AtEachStep(_) => Some(engine::LONG_AT_EACH_STEP),
            Stops::InTurns | Stops::Once(_) | Stops::Never => Some(engine::LONG_IN_TURNS),
        };
        let mut settings =
            Settings { must_join, daemons, must_sleep, max_faults, patient, ..Settings::default() };
        if let Some(text) = &self.replay {
            return self.follow(&mut settings, text, &scenario);
        }
        let mut passed: Option<Passed> = None;
        loop {
            match self.search(settings, &scenario, passed.as_ref()) {
                Outcome::Again(learnt) => settings = learnt,
                Outcome::Found(found, effort) => return Err(self.tell(settings, &found, effort, &scenario)),
                Outcome::Passed(now) => {
                    // More faults, as long as they can be tried completely and soon.
                    let better = match passed {
                        Some(before) if !now.all => return Ok(before),
                        Some(before) => Passed { runs: before.runs + now.runs, ..now },
                        None => now,
                    };
                    let affordable = better.runs.saturating_mul(FAULTS_AGAIN) <= self.runs;
                    let more = self.wakeups.is_none() && better.all && better.limits.faults;
                    if !more || !affordable || settings.max_faults >= MOST_FAULTS {
                        return Ok(better);
                    }
                    passed = Some(better);
                    settings.max_faults += 1;
                }
            }
        }
    }

    /// The searches one after the other, each with its part of the runs. If `before` has passed already, with fewer faults, only
    /// the search that can be complete goes on.
    fn search(&self, settings: Settings, scenario: &Scenario, before: Option<&Passed>) -> Outcome {
        let mut hunt = Hunt::new(self, settings, scenario);
        let end = match &self.stops {
            Stops::Anywhere => None,
            Stops::InTurns => Some(hunt.in_turns()),
            Stops::Once(who) => Some(hunt.stopped_once(who)),
            Stops::AtEachStep(calls) => {
                Some(hunt.one_run(Pilot::Between(Between::new(1, Arc::clone(calls)))))
            }
            // Every thread goes on as long as it can, but main only when no other can.
            Stops::Never => Some(hunt.one_run(Pilot::Stopped(Stopped::new(0, 0)))),
        };
        match end {
            Some(End::Found(found)) => return hunt.found(found, false),
            Some(End::Again(settings)) => return Outcome::Again(settings),
            Some(End::Done { .. } | End::Paused) => return hunt.passed(false, None),
            None => {}
        }
        if self.preemptions < u32::MAX {
            let mut shortest = Some(Shortest::new(self.preemptions, Price::Interruptions));
            let end = hunt.by_cost(&mut shortest, u32::MAX, self.runs);
            let tried = shortest.as_ref().and_then(Shortest::tried);
            return match end {
                End::Found(found) => {
                    let is_least = tried.is_some_and(|tried| tried + 1 >= found.cost) || found.cost == 0;
                    hunt.found(found, is_least)
                }
                End::Again(settings) => Outcome::Again(settings),
                End::Done { cut } => hunt.passed(!cut, tried),
                End::Paused => hunt.passed(false, tried),
            };
        }
        if self.of_spec.is_some() {
            return hunt.briefly();
        }
        let mut traces = Some(Box::<Traces>::default());
        let first_part = if before.is_some() { self.runs / 5 } else { self.runs / 4 };
        let mut end = hunt.through_the_traces(&mut traces, first_part);
        if end.is_paused() && before.is_some() {
            return hunt.passed(false, None);
        }
        let mut shortest = None;
        if end.is_paused() {
            end = hunt.in_turns();
        }
        if end.is_paused() {
            shortest = Some(Shortest::new(u32::MAX, Price::Interruptions));
            end = hunt.by_cost(&mut shortest, SHORT_LEVELS, hunt.runs + self.runs / 8);
        }
        if end.is_paused() {
            let mut nearest = Some(Shortest::new(u32::MAX, Price::Detours));
            end = hunt.by_cost(&mut nearest, u32::MAX, hunt.runs + self.runs / 8);
        }
        if end.is_paused() {
            end = hunt.by_lot(self.runs / 16);
        }
        if end.is_paused() {
            end = hunt.through_the_traces(&mut traces, self.runs);
        }
        let tried = shortest.as_ref().and_then(Shortest::tried);
        match end {
            End::Again(settings) => Outcome::Again(settings),
            End::Found(found) => hunt.shorten(found),
            End::Paused => hunt.passed(false, tried),
            End::Done { cut } => hunt.passed(!cut, tried),
        }
    }

    /// Does the one run that `text` describes.
    fn follow(&self, settings: &mut Settings, text: &str, scenario: &Scenario) -> Result<Passed, Failed> {
        let steps = match schedule::parse(text) {
            Ok(steps) => steps,
            Err(why) => {
                let (kind, headline, report) = (FailureKind::Misuse, why.clone(), why);
                return Err(Failed {
                    kind,
                    headline,
                    report,
                    schedule: text.into(),
                    runs: 0,
                    interruptions: 0,
                    page: None,
                });
            }
        };
        settings.recording = true;
        loop {
            let (failure, w, moments) = self.record(*settings, steps.clone(), scenario);
            match failure {
                Some(Failure::WatchReleases) => settings.watch_releases = true,
                Some(Failure::Loop(..)) => {}
                Some(failure) => {
                    let found = found(failure, &w);
                    return Err(self.told(&w, &moments, *settings, &found, None, scenario));
                }
                None => {
                    eprintln!("\nThe schedule {text} passes:\n\n{}", report::table(&w));
                    let (limits, faults) = (w.limits(), settings.max_faults);
                    let (all, interruptions, long, counts) = (false, None, 0, false);
                    return Ok(Passed { runs: 1, all, interruptions, long, limits, faults, counts });
                }
            }
        }
    }

    /// Does the failing run again, with everything recorded.
    fn tell(&self, mut settings: Settings, found: &Found, effort: Effort, scenario: &Scenario) -> Failed {
        settings.recording = true;
        let (_, w, moments) = self.record(settings, found.trail.clone(), scenario);
        let share = self.share(settings, found, &w, scenario);
        let odds = Odds { effort, cost: found.cost, share };
        self.told(&w, &moments, settings, found, Some(&odds), scenario)
    }

    /// Does one run, and keeps what it was like before each choice if a page is wanted.
    fn record(
        &self,
        settings: Settings,
        steps: Steps,
        scenario: &Scenario,
    ) -> (Option<Failure>, World, Vec<Moment>) {
        let most = if self.wants_page { page::MOST_STEPS } else { 0 };
        run_and_watch(settings, Pilot::Script(Script::new(steps)), scenario, most)
    }

    /// Without odds it was a replay.
    fn told(
        &self,
        w: &World,
        moments: &[Moment],
        settings: Settings,
        found: &Found,
        odds: Option<&Odds>,
        scenario: &Scenario,
    ) -> Failed {
        let schedule = schedule_of(w);
        let headline = report::headline(w, &found.failure, self.stuck_means);
        let report = report::report(w, &found.failure, &headline, odds, self.of_spec.unwrap_or(0));
        let kind = FailureKind::of(&found.failure);
        let runs = odds.map_or(1, |odds| odds.effort.runs);
        let is_run = !matches!(found.failure, Failure::Misuse(_));
        let page = (self.wants_page && is_run).then(|| {
            let headline_of = |w: &World, failure: &Failure| report::headline(w, failure, self.stuck_means);
            let map = (matches!(self.stops, Stops::Anywhere) && self.deadline.is_none())
                .then(|| page::map(w, moments, &found.failure, headline_of, settings, scenario));
            let likely = report::likely(w, odds);
            Box::new(Page::new(w, moments, map.flatten(), &found.failure, &headline, likely))
        });
        Failed { kind, headline, report, schedule, runs, interruptions: found.cost, page }
    }

    /// How many of all interleavings end like this, if that is soon counted and nothing but the order of steps plays a part.
    fn share(
        &self,
        settings: Settings,
        found: &Found,
        w: &World,
        scenario: &Scenario,
    ) -> Option<(usize, usize)> {
        let is_small = found.steps <= LARGEST_COUNTED
            && self.deadline.is_none()
            && matches!(self.stops, Stops::Anywhere)
            && self.of_spec.is_none();
        let only_turns = w.trail.iter().all(|choice| choice.kind == Kind::Turn);
        if !is_small
            || !only_turns
            || !matches!(found.failure, Failure::Panic { .. } | Failure::Deadlock { .. })
        {
            return None;
        }
        let wanted = report::headline(w, &found.failure, self.stuck_means);
        let settings = Settings { recording: false, max_faults: 0, ..settings };
        let (mut pilot, mut like_this, mut runs, mut steps) = (Pilot::Every(Every::default()), 0, 0, 0);
        loop {
            let (failure, mut w) = run_once(settings, pilot, scenario);
            let Pilot::Every(mut every) = std::mem::replace(&mut w.pilot, Pilot::Every(Every::default()))
            else {
                return None;
            };
            steps += w.steps;
            runs += 1;
            match failure {
                Some(Failure::WatchReleases | Failure::Loop(..) | Failure::Misuse(_)) => return None,
                Some(failure) => {
                    like_this += usize::from(report::headline(&w, &failure, self.stuck_means) == wanted);
                }
                None => {}
            }
            if every.coasted || w.limits().loops || steps > STEPS_COUNTED {
                return None;
            }
            if !every.next_run() {
                return (like_this > 0).then_some((like_this, runs));
            }
            pilot = Pilot::Every(every);
        }
    }
}

/// Of a failing run with more steps than this, the interleavings aren't counted; nor of a scenario that takes more in all.
const LARGEST_COUNTED: usize = 60;
const STEPS_COUNTED: usize = 1_000;
/// After a failure, this many runs more may turn up one with as many interruptions and fewer steps.
const EXTRA_RUNS: usize = 500;
/// Once a run has failed, this part of all runs may be spent on one with fewer interruptions.
const TO_SHORTEN: usize = 10;
/// Runs with this many interruptions are tried one by one where not all can be tried.
const SHORT_LEVELS: u32 = 2;
/// A check that passed with this part of its runs is done again with one fault more.
const FAULTS_AGAIN: usize = 20;
/// No check is done again with more faults than this.
const MOST_FAULTS: u32 = 3;

/// A thread is stopped once at each of its first steps: at most this many.
const MOST_STOPS: u32 = 40;

/// Where threads take turns, the slow one is one of the first threads: at most this many, because a run may start hundreds.
const MOST_SLOW: usize = 24;
/// While one thread takes a step, each other one takes this many at most.
const FASTEST: u32 = 6;

/// How one search ended.
enum End {
    /// It has tried all there is, unless it left out what costs too much.
    Done {
        cut: bool,
    },
    /// Its part of the runs is used up.
    Paused,
    Found(Found),
    Again(Settings),
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
    /// The steps of the longest run.
    longest: usize,
    /// Runs that went on by lot.
    long: usize,
    limits: Limits,
    /// The files that the steps are in.
    files: Vec<&'static str>,
}

/// A run counts for this many steps; long ones count for more.
const STEPS_OF_A_RUN: usize = 100;

impl<'a> Hunt<'a> {
    fn new(check: &'a Check, settings: Settings, scenario: &'a Scenario) -> Self {
        let (runs, steps, longest, long) = (0, 0, 0, 0);
        let (limits, files) = (Limits::default(), vec![]);
        Hunt { check, settings, scenario, start: Instant::now(), runs, steps, longest, long, limits, files }
    }

    fn must_stop(&self, limit: usize) -> bool {
        self.runs >= limit
            || self.steps >= limit.saturating_mul(STEPS_OF_A_RUN)
            || self.check.deadline.is_some_and(|limit| self.start.elapsed() >= limit)
    }

    /// One run; the search has to begin again if the failure is not one.
    fn run(&mut self, pilot: Pilot) -> Result<(Option<Found>, World), Settings> {
        let (failure, w) = run_once(self.settings, pilot, self.scenario);
        match failure {
            Some(Failure::WatchReleases) => return Err(Settings { watch_releases: true, ..self.settings }),
            Some(Failure::Loop(..)) => return Err(self.settings),
            _ => {}
        }
        self.runs += 1;
        self.steps += w.steps;
        self.longest = self.longest.max(w.steps);
        self.limits.faults |= w.limits().faults;
        self.limits.loops |= w.limits().loops;
        for file in w.log.iter().filter_map(|e| Some(e.loc?.file())) {
            if self.files.last() != Some(&file) && !self.files.contains(&file) {
                self.files.push(file);
            }
        }
        Ok((failure.map(|failure| found(failure, &w)), w))
    }

    fn passed(&self, all: bool, interruptions: Option<u32>) -> Outcome {
        let &Hunt { runs, long, limits, settings, .. } = self;
        let counts = self.files.iter().any(|file| crate::source::names_reference_counts(file));
        let all = all && long == 0;
        Outcome::Passed(Passed {
            runs,
            all,
            interruptions,
            long,
            limits,
            faults: settings.max_faults,
            counts,
        })
    }

    fn found(&self, found: Found, is_least: bool) -> Outcome {
        Outcome::Found(found, Effort { runs: self.runs, is_least })
    }

    /// Looks for a run that fails with fewer interruptions than this one, or with fewer steps.
    fn shorten(&mut self, found: Found) -> Outcome {
        if found.cost == 0 && matches!(found.failure, Failure::Endless | Failure::TooLong) {
            // Every run would be long, and none has fewer interruptions.
            return self.found(found, true);
        }
        let mut shortest = Some(Shortest::new(found.cost, Price::Interruptions));
        let limit = self.runs + (self.check.runs / TO_SHORTEN).max(1);
        let (runs, steps) = (self.runs, std::mem::take(&mut self.steps));
        let end = self.by_cost(&mut shortest, found.cost, limit);
        (self.runs, self.steps) = (runs, steps);
        let found = match end {
            End::Found(shorter) => shorter,
            End::Done { .. } | End::Paused | End::Again(_) => found,
        };
        let tried = shortest.as_ref().and_then(Shortest::tried);
        let is_least = tried.is_some_and(|tried| tried + 1 >= found.cost) || found.cost == 0;
        self.found(found, is_least)
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
            let (found, w) = match self.run(Pilot::Shortest(shortest)) {
                Ok(run) => run,
                Err(settings) => return End::Again(settings),
            };
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
    fn in_turns(&mut self) -> End {
        let (mut slow, mut threads) = (0, 1);
        while slow < threads.min(MOST_SLOW) {
            for others in 1..=FASTEST {
                if matches!(self.check.stops, Stops::Anywhere) && self.must_stop(self.check.runs) {
                    return End::Paused;
                }
                let (found, w) = match self.run(Pilot::InTurns(InTurns::new(slow, others))) {
                    Ok(run) => run,
                    Err(settings) => return End::Again(settings),
                };
                if let Some(found) = found {
                    return End::Found(found);
                }
                self.long += usize::from(self.settings.patient.is_some_and(|patient| w.steps > patient));
                threads = w.threads.len();
            }
            slow += 1;
        }
        End::Paused
    }

    /// One thread is stopped once, at each of its steps in turn.
    fn stopped_once(&mut self, who: &AtomicUsize) -> End {
        for after in 0..MOST_STOPS {
            let (found, w) = match self.run(Pilot::Stopped(Stopped::new(who.load(Relaxed), after))) {
                Ok(run) => run,
                Err(settings) => return End::Again(settings),
            };
            if let Some(found) = found {
                return End::Found(found);
            }
            let Pilot::Stopped(Stopped { stops, .. }) = w.pilot else { unreachable!("the pilot comes back") };
            if after > 0 && !stops {
                break;
            }
        }
        End::Paused
    }

    /// With few runs: some of the classes, then those with the fewest interruptions, and some by lot.
    fn briefly(mut self) -> Outcome {
        let runs = self.check.runs;
        let mut traces = Some(Box::<Traces>::default());
        let mut shortest = Some(Shortest::new(u32::MAX, Price::Interruptions));
        let mut end = self.through_the_traces(&mut traces, runs.div_ceil(5));
        if end.is_paused() {
            end = self.by_cost(&mut shortest, u32::MAX, runs - runs / 10);
        }
        if end.is_paused() {
            end = self.by_lot(runs.saturating_sub(self.runs));
        }
        match end {
            End::Again(settings) => Outcome::Again(settings),
            End::Found(found) => self.shorten(found),
            End::Paused => self.passed(false, None),
            End::Done { cut } => self.passed(!cut, None),
        }
    }

    fn one_run(&mut self, pilot: Pilot) -> End {
        match self.run(pilot) {
            Ok((Some(found), _)) => End::Found(found),
            Ok(_) => End::Paused,
            Err(settings) => End::Again(settings),
        }
    }

    /// This many runs by lot.
    fn by_lot(&mut self, runs: usize) -> End {
        let (end, longest) = (self.runs + runs, self.longest.min(engine::LONG));
        let mut number = 0;
        while !self.must_stop(end) {
            match self.run(Pilot::Lots(Lots::new(number, longest))) {
                Ok((Some(found), _)) => return End::Found(found),
                Ok(_) => number += 1,
                Err(settings) => return End::Again(settings),
            }
        }
        End::Paused
    }

    /// All runs, but only one of those that differ merely in the order of independent steps.
    fn through_the_traces(&mut self, search: &mut Option<Box<Traces>>, limit: usize) -> End {
        while let Some(traces) = search.take_if(|_| !self.must_stop(limit)) {
            let (found, w) = match self.run(Pilot::Traces(traces)) {
                Ok(run) => run,
                Err(settings) => return End::Again(settings),
            };
            if let Some(found) = found {
                return End::Found(found);
            }
            let Pilot::Traces(mut traces) = w.pilot else { unreachable!("the pilot comes back") };
            self.long += usize::from(std::mem::take(&mut traces.coasted));
            let more = traces.next_run();
            *search = Some(traces);
            if !more {
                return End::Done { cut: false };
            }
        }
        End::Paused
    }
}

/// Does this, and fails if it takes time.
fn in_no_time(scenario: &dyn Fn()) {
    let start = crate::time::now();
    scenario();
    let late = crate::time::now() - start;
    if !late.is_zero() {
        engine::fail(format!(
            "a thread that waits slept for {late:?} and looked again, instead of being woken when it could go on"
        ));
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
    (w.failure().cloned().or_else(unseen), w)
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
        _ => w.telling(),
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
