//! One line for programs below the report of each check: editors, scripts and `cargo workshop` read it, and nothing has to be
//! guessed from the sentences of a report.
//!
//! ```text
//! interleave: verdict=passes complete=yes runs=252 test=the_last_700_are_paid_once line=34
//! interleave: verdict=fails kind=deadlock test=the_last_700_are_paid_once line=34 schedule=1221
//! interleave: verdict=fails kind=overflow
//! ```
//!
//! After `interleave: ` come `key=value` pairs, separated by single blanks; no value has a blank in it. A pair that
//! does not apply is left out, and there may be more of them one day.
//!
//! - `verdict`: `passes` or `fails`. Scenarios of [`live`](crate::live) aren't explored, and only say that they fail.
//! - `kind`: see [`FailureKind`]. Some failures end the process instead of the check, and have kinds of their own:
//!   `stalled` (no step for ten seconds), `overflow` (of a stack), `double-panic` (in a destructor), `panic-hook` (one
//!   that waits, for example), `memory` (more than an exercise may have) and `exit`.
//! - `complete`: `yes` if every interleaving was tried, `within-limits` if every one was that std allows within the
//!   limits of [`Check`](crate::Check), otherwise `no`.
//! - `runs`: how many interleavings were tried.
//! - `interruptions`: not all were tried, but every one with at most this many interruptions.
//! - `test`: the test, which is the name of the operating system's thread that runs it.
//! - `line`: the line of the test file that has the check; a test can have several.
//! - `schedule`: with `@` and the line behind it, the value for `INTERLEAVE_REPLAY`; `last` if it's long.

use crate::check::Passed;
use crate::engine::Failure;
use crate::spec;
use std::fmt;
use std::panic::Location;

/// How a check failed. Its `Display` is the word after `kind=` in the last line of a check's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// A thread panicked: an assertion of the scenario, or the code under check.
    Panic,
    /// Threads wait for each other's locks in a circle, or one of them for a lock that it holds.
    Deadlock,
    /// A thread waits forever, and not in a circle of locks.
    Stuck,
    /// A thread goes around in a loop forever.
    Endless,
    /// A thread looked again and again instead of sleeping; see [`Check::must_sleep`](crate::Check::must_sleep).
    Busy,
    /// A run hadn't ended after more steps than any scenario should take.
    TooLong,
    /// A thread was still running at the end of the scenario; see [`Check::must_join`](crate::Check::must_join).
    Unjoined,
    /// A thread called `process::exit` or `process::abort`.
    Exit,
    /// The scenario can't be checked: for example, it doesn't do the same in every run.
    Misuse,
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FailureKind::Panic => "panic",
            FailureKind::Deadlock => "deadlock",
            FailureKind::Stuck => "stuck",
            FailureKind::Endless => "endless",
            FailureKind::Busy => "busy",
            FailureKind::TooLong => "too-long",
            FailureKind::Unjoined => "unjoined",
            FailureKind::Exit => "exit",
            FailureKind::Misuse => "misuse",
        })
    }
}

impl FailureKind {
    pub(crate) fn of(failure: &Failure) -> Self {
        match failure {
            Failure::Panic { .. } => FailureKind::Panic,
            Failure::Deadlock { cycle: true, .. } => FailureKind::Deadlock,
            Failure::Deadlock { cycle: false, .. } => FailureKind::Stuck,
            Failure::Endless => FailureKind::Endless,
            Failure::Busy { .. } => FailureKind::Busy,
            Failure::TooLong => FailureKind::TooLong,
            Failure::Unjoined(_) => FailureKind::Unjoined,
            Failure::Exit { .. } => FailureKind::Exit,
            Failure::Misuse(_) => FailureKind::Misuse,
            Failure::WatchReleases | Failure::Loop(..) => unreachable!("the search starts again instead"),
        }
    }
}

/// Prints the line of the check at `place`, which passed.
pub(crate) fn check_passes(passed: &Passed, place: &Location<'_>) {
    let complete = match (passed.is_exhaustive(), passed.is_complete()) {
        (true, _) => "yes",
        (false, true) => "within-limits",
        (false, false) => "no",
    };
    passes(complete, passed.runs(), passed.interruptions(), place);
}

/// As [`check_passes`]. There is always a larger scenario, so a specification is never checked completely.
pub(crate) fn spec_passes(passed: &spec::Passed, place: &Location<'_>) {
    passes("no", passed.runs(), None, place);
}

/// Prints the line of a scenario with real threads that failed, by a panic in this line of the test file.
pub(crate) fn scenario_fails(line: Option<u32>) {
    let line = line.map(|line| format!(" line={line}")).unwrap_or_default();
    eprintln!("interleave: verdict=fails kind={}{}{line}", FailureKind::Panic, test());
}

fn passes(complete: &str, runs: usize, interruptions: Option<u32>, place: &Location<'_>) {
    let interruptions = interruptions.map(|most| format!(" interruptions={most}")).unwrap_or_default();
    let (test, line) = (test(), place.line());
    eprintln!("interleave: verdict=passes complete={complete} runs={runs}{interruptions}{test} line={line}");
}

/// Prints the line of the check at `place`, whose report has been printed.
pub(crate) fn fails(kind: FailureKind, schedule: &str, place: &Location<'_>) {
    // A schedule that isn't one can be anything.
    let schedule = Some(schedule).filter(|schedule| !schedule.contains(char::is_whitespace));
    let schedule = schedule.map(|schedule| format!(" schedule={schedule}")).unwrap_or_default();
    eprintln!("interleave: verdict=fails kind={kind}{} line={}{schedule}", test(), place.line());
}

fn test() -> String {
    let thread = std::thread::current();
    // The test harness names a thread after its test; with one thread for all tests, it is the main thread.
    let test = thread.name().filter(|name| *name != "main" && !name.contains(char::is_whitespace));
    test.map(|name| format!(" test={name}")).unwrap_or_default()
}
