//! Scenarios that run at the same time, and how they wait.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Condvar, Mutex, Once};
use std::thread;
use std::time::Duration;

/// Makes a test of each scenario, which is a function without arguments; all of them run at the
/// same time, on threads of their own, as soon as the first test begins.
///
/// `stage_1: [stops, echoes];` makes `stage_1::stops` and `stage_1::echoes` of the functions `stops`
/// and `echoes`. Only what the command line asks for is run.
#[macro_export]
macro_rules! side_by_side {
    ($($group:ident: [$($name:ident),* $(,)?];)*) => {
        static SCENARIOS: $crate::live::Scenarios = $crate::live::Scenarios::new(&[
            $($($crate::live::Scenario::new(
                concat!(stringify!($group), "::", stringify!($name)),
                $name,
            ),)*)*
        ]);

        $(mod $group {$(
            #[test]
            fn $name() {
                super::SCENARIOS.outcome_of(concat!(stringify!($group), "::", stringify!($name)));
            }
        )*})*
    };
}

/// How long to wait for what a right program does in milliseconds; a server may take its second of
/// grace in it.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// The piece in which time is counted; see [`receive`].
pub const MOMENT: Duration = Duration::from_millis(10);

/// Returns what arrives within `limit`. A machine too busy to wake this thread after a moment is
/// too busy for the others as well: what a moment takes longer doesn't count.
///
/// # Errors
/// When nothing arrives in that time, or nothing can arrive any more.
pub fn receive<T>(channel: &Receiver<T>, limit: Duration) -> Result<T, RecvTimeoutError> {
    let mut left = limit;
    loop {
        match channel.recv_timeout(MOMENT.min(left)) {
            Err(RecvTimeoutError::Timeout) if left > MOMENT => left -= MOMENT,
            received => return received,
        }
    }
}

/// One scenario.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    name: &'static str,
    run: fn(),
}

impl Scenario {
    /// A scenario that fails if `run` panics.
    pub const fn new(name: &'static str, run: fn()) -> Self {
        Scenario { name, run }
    }
}

/// The scenarios of a check.
#[derive(Debug)]
pub struct Scenarios {
    all: &'static [Scenario],
    started: Mutex<Vec<&'static str>>,
    /// Of the scenarios that have ended: the name, and why it failed.
    ended: Mutex<Vec<(&'static str, Outcome)>>,
    changed: Condvar,
}

impl Scenarios {
    /// Scenarios that haven't begun.
    pub const fn new(all: &'static [Scenario]) -> Self {
        Scenarios {
            all,
            started: Mutex::new(Vec::new()),
            ended: Mutex::new(Vec::new()),
            changed: Condvar::new(),
        }
    }

    /// Waits for the end of this scenario, after starting all that the command line asks for.
    ///
    /// # Panics
    /// When the scenario failed.
    pub fn outcome_of(&'static self, name: &'static str) {
        self.start(name);
        let mut ended = self.ended.lock().unwrap();
        let outcome = loop {
            if let Some((_, outcome)) = ended.iter().find(|(ended, _)| *ended == name) {
                break outcome.clone();
            }
            ended = self.changed.wait(ended).unwrap();
        };
        drop(ended);
        if let Err((line, why)) = outcome {
            // As a panic, but without a backtrace, which would speak of this file only.
            let (first, rest) = why
                .split_once('\n')
                .map_or((&*why, String::new()), |(first, rest)| (first, format!("\n{rest}")));
            eprintln!("{}{rest}\n", crate::report::filled(first, crate::report::width()));
            crate::machine::scenario_fails(line);
            panic::resume_unwind(Box::new(why));
        }
    }

    /// Starts this scenario and those that the command line asks for, unless they are started.
    fn start(&'static self, name: &str) {
        keep_panics();
        let filters: Vec<String> =
            std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
        let is_asked = |other: &str| {
            other == name || filters.is_empty() || filters.iter().any(|part| other.contains(part.as_str()))
        };
        let mut started = self.started.lock().unwrap();
        for &scenario in self.all.iter().filter(|scenario| is_asked(scenario.name)) {
            if !started.contains(&scenario.name) {
                started.push(scenario.name);
                thread::spawn(move || self.run(scenario));
            }
        }
    }

    fn run(&self, scenario: Scenario) {
        let story = Story { name: Some(scenario.name), is_test: true };
        STORY.set(story);
        let outcome = catch_unwind(AssertUnwindSafe(scenario.run));
        let outcome = outcome.map_err(|_| FAILURE.take().unwrap_or_default());
        self.ended.lock().unwrap().push((scenario.name, outcome));
        self.changed.notify_all();
    }
}

/// Of a scenario: if it failed, the line of the test file that says so, and the words.
type Outcome = Result<(), (Option<u32>, String)>;

/// To which scenario a thread belongs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Story {
    name: Option<&'static str>,
    /// Whether this is the scenario's own thread, whose panics are its verdict.
    is_test: bool,
}

thread_local! {
    static STORY: RefCell<Story> = RefCell::default();
    static FAILURE: RefCell<Option<(Option<u32>, String)>> = const { RefCell::new(None) };
}

/// The panics of the program under check, each with its scenario.
static PANICS: Mutex<Vec<(Option<&'static str>, String)>> = Mutex::new(Vec::new());

impl Story {
    /// The one of a thread that the current thread starts.
    pub(super) fn inherited() -> Self {
        Story { is_test: false, ..STORY.with_borrow(|story| *story) }
    }

    /// From here on the current thread belongs to this story.
    pub(super) fn adopt(self) {
        STORY.set(self);
    }
}

/// A failure begins with the check's own sentence. The panics of other threads come behind it.
fn keep_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        panic::set_hook(Box::new(|panic| {
            let story = STORY.with_borrow(|story| *story);
            if story.is_test {
                let place = panic
                    .location()
                    .map_or_else(String::new, |place| format!("{}:{}: ", place.file(), place.line()));
                let words = panic.payload_as_str().unwrap_or("a panic without a message");
                FAILURE.set(Some((panic.location().map(panic::Location::line), format!("{place}{words}"))));
            } else {
                PANICS.lock().unwrap().push((story.name, panic.to_string()));
            }
        }));
    });
}

/// Returns what the threads of the current scenario's program have panicked with, to be put behind
/// the sentence that says what came of it.
pub fn kept_panics() -> String {
    let mine = STORY.with_borrow(|story| story.name);
    let panics = PANICS.lock().unwrap();
    let mut told =
        panics.iter().filter(|(name, _)| *name == mine).map(|(_, panic)| panic).collect::<Vec<_>>();
    told.dedup();
    told.iter().map(|panic| format!("\n\na thread {panic}")).collect()
}
