//! Every way in which a scenario can end, counted.

use crate::check::{one_at_a_time, run_once, schedule_of};
use crate::engine::{Failure, Settings, World};
use crate::search::{Every, Kind, Pilot, Script, Steps};
use crate::{report, schedule};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

/// So many interleavings are counted at most.
const MOST_RUNS: usize = 1_000_000;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending<T> {
    /// The scenario returned this.
    Returned(T),
    /// It did not return: a panic, a deadlock or an endless run, in one sentence.
    Failed(String),
}

/// One way in which a scenario can end.
#[derive(Clone, Debug)]
pub struct Outcome<T> {
    /// How it ends.
    pub ending: Ending<T>,
    /// In how many interleavings it ends so.
    pub count: usize,
    /// The first of these interleavings: a digit for each step says which thread takes it.
    pub schedule: String,
    /// That interleaving as a table, a column for each thread.
    pub table: String,
}

/// Every way in which a scenario can end, as [`outcomes`] found them.
#[derive(Clone, Debug)]
pub struct Outcomes<T> {
    rows: Vec<Outcome<T>>,
    runs: usize,
    complete: bool,
}

impl<T> Outcomes<T> {
    /// The outcomes in their order: what is returned first, then what fails.
    pub fn rows(&self) -> &[Outcome<T>] {
        &self.rows
    }

    /// How many interleavings there are.
    pub fn interleavings(&self) -> usize {
        self.runs
    }

    /// Whether these are all: no more than a million interleavings are counted.
    pub fn is_complete(&self) -> bool {
        self.complete
    }
}

impl<T: fmt::Debug> fmt::Display for Outcomes<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "interleavings  outcome")?;
        for row in &self.rows {
            match &row.ending {
                Ending::Returned(value) => writeln!(f, "{:>13}  {value:?}", row.count)?,
                Ending::Failed(how) => {
                    writeln!(f, "{:>13}  {}", row.count, how.lines().next().unwrap_or_default())?;
                }
            }
        }
        let more = if self.complete { "" } else { " and more" };
        write!(f, "{:>13}  in all{more}", self.runs)
    }
}

/// Runs `scenario` under every interleaving, none left out, and counts how often each outcome occurs.
///
/// An interleaving is an order of the steps of all threads: of what `std::sync` and `std::thread` do. That a thread
/// starts or is joined is no step, nor is unlocking unless somebody tries the lock. No wait ends spuriously, and no
/// time-out fires while anybody can go on. So the counts are those of a drawing on a blackboard:
///
/// ```
/// use interleave::sync::atomic::{AtomicU32, Ordering::SeqCst};
/// use interleave::{outcomes, thread};
///
/// // Two threads with two steps each can be interleaved in 6 ways; in 2 of them both visits count.
/// let visits = outcomes(|| {
///     let visits = AtomicU32::new(0);
///     thread::scope(|s| {
///         for _ in 0..2 {
///             s.spawn(|| {
///                 let seen = visits.load(SeqCst);
///                 visits.store(seen + 1, SeqCst);
///             });
///         }
///     });
///     visits.into_inner()
/// });
/// assert_eq!(visits.to_string(), "\
/// interleavings  outcome
///             4  1
///             2  2
///             6  in all");
/// ```
///
/// What a run that ends in a deadlock owns is leaked.
///
/// # Panics
/// Inside of a check, and when the scenario does not do the same in every run.
pub fn outcomes<T: Ord + 'static>(scenario: impl Fn() -> T + 'static) -> Outcomes<T> {
    count(scenario, false, Settings::default())
}

/// A schedule by which no run of the scenario can be done; its `Display` says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayError(String);

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ReplayError {}

/// Runs `scenario` once, in the one interleaving that `schedule` describes, and returns how that run
/// ends. The `count` of the outcome is 1.
///
/// A schedule has a digit for each step, which says which thread takes it; thread 0 is the scenario
/// itself. [`outcomes`] and the reports of checks have such schedules. Where the schedule stops, each
/// thread runs until it waits or ends.
///
/// # Errors
/// When `schedule` isn't a schedule, or when the scenario can't take its steps in that order.
///
/// # Panics
/// Inside of a check.
///
/// ```
/// use interleave::sync::atomic::{AtomicU32, Ordering::SeqCst};
/// use interleave::{Ending, replay, thread};
///
/// let two_visits = || {
///     let visits = AtomicU32::new(0);
///     thread::scope(|s| {
///         for _ in 0..2 {
///             s.spawn(|| {
///                 let seen = visits.load(SeqCst);
///                 visits.store(seen + 1, SeqCst);
///             });
///         }
///     });
///     visits.into_inner()
/// };
/// assert_eq!(replay("1122", two_visits).unwrap().ending, Ending::Returned(2));
/// assert_eq!(replay("1221", two_visits).unwrap().ending, Ending::Returned(1));
///
/// let three_steps_of_thread_2 = replay("1222", two_visits).unwrap_err();
/// assert!(three_steps_of_thread_2.to_string().contains("the schedule does not fit"));
/// ```
pub fn replay<T: 'static>(
    schedule: &str,
    scenario: impl Fn() -> T + 'static,
) -> Result<Outcome<T>, ReplayError> {
    let steps = schedule::parse(schedule).map_err(ReplayError)?;
    let _one_at_a_time = one_at_a_time();
    let (scenario, returned) = returning(scenario);
    let faults = steps.iter().filter(|(_, kind)| *kind == Kind::Fault).count() as u32;
    // At least 1, as in a check: its schedules answer whether something fails that may.
    let mut settings = Settings { recording: true, max_faults: faults.max(1), ..Settings::default() };
    crate::engine::forget_loops();
    loop {
        let (failure, w) = run_once(settings, Pilot::Script(Script::new(steps.clone())), &scenario);
        let ending = match failure {
            Some(Failure::WatchReleases) => {
                settings.watch_releases = true;
                continue;
            }
            Some(Failure::Loop(..)) => continue,
            Some(Failure::Misuse(why)) => return Err(ReplayError(why)),
            Some(failure) => Ending::Failed(report::headline(&w, &failure, None)),
            None => Ending::Returned(returned.take().expect(RETURNS)),
        };
        if let Pilot::Script(script) = &w.pilot
            && let (followed, all) = script.followed()
            && followed < all
        {
            return Err(ReplayError(format!(
                "the schedule does not fit: the run is over after {followed} of its {all} steps"
            )));
        }
        return Ok(outcome(ending, 1, &w));
    }
}

const RETURNS: &str = "a scenario that did not fail has returned";

/// What the last run of a scenario has returned.
type Returned<T> = Rc<Cell<Option<T>>>;

/// The scenario without its result, and where that is after each run.
pub(crate) fn returning<T: 'static>(scenario: impl Fn() -> T + 'static) -> (Arc<dyn Fn()>, Returned<T>) {
    let returned = Rc::new(Cell::new(None));
    let slot = returned.clone();
    (Arc::new(move || slot.set(Some(scenario()))), returned)
}

/// Of a run that was recorded.
fn outcome<T>(ending: Ending<T>, count: usize, w: &World) -> Outcome<T> {
    Outcome { ending, count, schedule: schedule_of(w), table: report::table(w) }
}

/// With the reduction of `check`, and spurious wakeups: for this crate's own tests.
#[doc(hidden)]
pub fn __outcomes<T: Ord + 'static>(
    scenario: impl Fn() -> T + 'static,
    reduce: bool,
    wakeups: u32,
) -> Outcomes<T> {
    count(scenario, reduce, Settings { max_faults: wakeups, to_the_end: true, ..Settings::default() })
}

/// As [`outcomes`], with spurious wakeups: for the scheduler's own tests.
#[doc(hidden)]
pub fn __outcomes_with_wakeups<T: Ord + 'static>(
    scenario: impl Fn() -> T + 'static,
    wakeups: u32,
) -> Outcomes<T> {
    count(scenario, false, Settings { max_faults: wakeups, ..Settings::default() })
}

fn count<T: Ord + 'static>(
    scenario: impl Fn() -> T + 'static,
    reduce: bool,
    mut settings: Settings,
) -> Outcomes<T> {
    let _one_at_a_time = one_at_a_time();
    let (scenario, returned) = returning(scenario);
    crate::engine::forget_loops();
    loop {
        let mut found = BTreeMap::new();
        let mut pilot = if reduce { Pilot::Traces(Box::default()) } else { Pilot::Every(Every::default()) };
        let (mut runs, mut complete) = (0, true);
        let restart = loop {
            let (failure, mut w) = run_once(settings, pilot, &scenario);
            let returned = returned.take();
            let ending = match failure {
                Some(Failure::WatchReleases) => {
                    settings.watch_releases = true;
                    break true;
                }
                Some(Failure::Loop(..)) => break true,
                Some(Failure::Misuse(why)) => panic!("{why}"),
                Some(failure) => Ending::Failed(report::headline(&w, &failure, None)),
                None => Ending::Returned(returned.expect(RETURNS)),
            };
            let is_redundant = matches!(&w.pilot, Pilot::Traces(traces) if traces.redundant);
            if !is_redundant {
                runs += 1;
                found.entry(ending).or_insert_with(|| (0, w.steps_taken())).0 += 1;
            }
            let (coasted, more) = match &mut w.pilot {
                Pilot::Traces(traces) => (std::mem::take(&mut traces.coasted), traces.next_run()),
                Pilot::Every(every) => (std::mem::take(&mut every.coasted), every.next_run()),
                _ => unreachable!("the pilot comes back"),
            };
            pilot = w.pilot;
            complete &= !coasted;
            if !more {
                break false;
            }
            if runs >= MOST_RUNS {
                complete = false;
                break false;
            }
        };
        if restart {
            continue;
        }
        settings.recording = true;
        let tell = |(ending, (count, steps)): (Ending<T>, (usize, Steps))| {
            let (_, w) = run_once(settings, Pilot::Script(Script::new(steps)), &scenario);
            outcome(ending, count, &w)
        };
        let rows = found.into_iter().map(tell).collect();
        return Outcomes { rows, runs, complete };
    }
}
