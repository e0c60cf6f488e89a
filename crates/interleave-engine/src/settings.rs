//! What holds for all runs of a search.

/// From this step on, a run only has to come to an end: a fair lottery says who goes on.
pub const LONG: usize = 1_000;
/// As [`LONG`], where threads take turns by a rule.
pub const LONG_IN_TURNS: usize = 5_000;
/// As [`LONG`], where a thread makes a call after each step of another one.
pub const LONG_AT_EACH_STEP: usize = 60_000;
/// No run is followed further than this.
pub const TOO_LONG: usize = 400_000;

/// What does not change from one run of a search to the next; by default, nothing is asked for.
#[derive(Clone, Copy, Default, Debug)]
pub struct Settings {
    /// Unlocking, hanging up and ending are steps too, because somebody looks without waiting.
    pub watch_releases: bool,
    /// Values and prints are kept for a report.
    pub recording: bool,
    /// No thread may outlive the scenario.
    pub must_join: bool,
    /// When the scenario is over, the threads that still wait are stopped.
    pub daemons: bool,
    /// Threads take turns by a rule for this many steps, even if one waits by looking again and again.
    pub patient: Option<usize>,
    /// No thread may wait by looking again and again.
    pub must_sleep: bool,
    /// Spurious wakeups and early timeouts, at most, in one run.
    pub max_faults: u32,
    /// A circle of locks doesn't end a run: every thread goes on for as long as it can.
    pub to_the_end: bool,
}

impl Settings {
    /// After how many steps the threads of a run are drawn by lot.
    pub(crate) fn long(&self) -> usize {
        self.patient.unwrap_or(LONG)
    }
}
