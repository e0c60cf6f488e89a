//! Builds and runs the check of an exercise as `cargo test` would.

use crate::cargo::{self, Built, Diagnostic};
use crate::exercises::{Exercise, Workshop};
use crate::machine::Searches;
use crate::process::{self, Listener};
use crate::progress::fingerprint;
use crate::verdict::{self, Failure, Kind, Verdict};
use crate::{Result, Trouble, play};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For cargo and the compiler, a build from nothing included.
    pub build: Duration,
    /// For the program that checks.
    pub run: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { build: Duration::from_secs(300), run: Duration::from_secs(20) }
    }
}

/// The tests of a check that waits for a server wait side by side, or a file that lets them all wait in vain would be ended
/// before it has its verdict. Those that are explored take turns anyway.
pub(crate) const TEST_THREADS: &str = "12";

/// A file longer than this is not handed to the compiler: an exercise has a hundred lines.
const LONGEST: u64 = 1 << 20;

/// What a check found.
#[derive(Debug)]
pub struct Checked {
    /// The verdict on the learner's file.
    pub verdict: Verdict,
    /// The other tests that fail for now; the verdict is about the first.
    pub others: Vec<Failure>,
    /// What the passing tests have tried.
    pub searches: Searches,
    /// The page of the failing run that the verdict is about, if the check has written one.
    pub page: Option<PathBuf>,
    /// The fingerprint of what was checked; `None` if the file was changed meanwhile.
    pub fingerprint: Option<u64>,
}

impl Checked {
    fn without_a_run(verdict: Verdict) -> Self {
        Checked { verdict, others: vec![], searches: Searches::default(), page: None, fingerprint: None }
    }
}

/// Checks the learner's file; `building` hears what cargo does meanwhile.
///
/// # Errors
/// When the check can't be built for a reason that isn't in the file, or can't be started.
pub fn check(
    workshop: &Workshop,
    exercise: &Exercise,
    limits: Limits,
    building: Option<&Listener>,
) -> Result<Checked> {
    let before = fingerprint(exercise);
    let checked = judge(workshop, exercise, limits, building)?;
    Ok(Checked { fingerprint: before.filter(|_| before == fingerprint(exercise)), ..checked })
}

fn judge(
    workshop: &Workshop,
    exercise: &Exercise,
    limits: Limits,
    building: Option<&Listener>,
) -> Result<Checked> {
    if let Some(verdict) = unfit(exercise) {
        return Ok(Checked::without_a_run(verdict));
    }
    let packages = std::slice::from_ref(&exercise.name);
    let built = cargo::build_checks_and_tell(&workshop.root, packages, limits.build, building)?;
    let Some(tests) = built.tests.get(&exercise.name).filter(|_| built.complete) else {
        return errors(workshop, exercise, &built).map(Checked::without_a_run);
    };
    let mut program = cargo::command(tests);
    // As cargo does, and what a report takes for its width and for the command that it proposes.
    program.current_dir(&exercise.folder).env("CARGO_PKG_NAME", &exercise.name);
    program.env("CARGO_MANIFEST_DIR", &exercise.folder).env("COLUMNS", crate::width().to_string());
    program.env("RUST_TEST_THREADS", TEST_THREADS);
    if crate::has_colors() {
        program.env("INTERLEAVE_COLOR", "always");
    }
    if let Some(wanted) = std::env::var_os("INTERLEAVE_FULL") {
        program.env("INTERLEAVE_FULL", wanted);
    }
    // The passing tests say what they have tried.
    program.arg("--show-output");
    let begun = SystemTime::now();
    let ran =
        process::run(&mut program, limits.run).map_err(|why| Trouble::new("can't start the check", why))?;
    let check = fs::read_to_string(exercise.check()).unwrap_or_default();
    let mut verdict = Verdict::of_run(&ran, &check);
    if !verdict.is_solved() {
        let warnings = built.warnings.get(&exercise.name).into_iter().flatten();
        verdict.report += &from_root(&told(warnings), &workshop.root);
    }
    let mut failures = verdict::failures(&ran, &check).into_iter();
    let first = failures.next().filter(|_| !verdict.is_solved());
    let page = first.and_then(|first| play::page_of_test(tests, exercise, &first.test, begun));
    let searches = Searches::of(&ran.stdout);
    Ok(Checked { verdict, others: failures.collect(), searches, page, fingerprint: None })
}

/// The compiler's warnings about the learner's file: an unused guard may be the whole mistake.
fn told<'a>(warnings: impl Iterator<Item = &'a Diagnostic>) -> String {
    let mut told: Vec<&Diagnostic> = vec![];
    for warning in warnings.filter(|warning| warning.is_in("lib.rs")) {
        // The library and its check both have what stands in the file, under two paths.
        let line = |one: &Diagnostic| one.place.as_ref().map(|(_, line)| *line);
        let is_same = |one: &&Diagnostic| one.message == warning.message && line(one) == line(warning);
        if told.len() < WARNINGS && !told.iter().any(is_same) {
            told.push(warning);
        }
    }
    told.iter().map(|warning| format!("\n\n{}", warning.rendered.trim_end())).collect()
}

/// At most this many of them are shown.
const WARNINGS: usize = 3;

/// What can be said without a compiler.
fn unfit(exercise: &Exercise) -> Option<Verdict> {
    let restore = format!("to get the original back, run `cargo workshop reset {}`", exercise.short());
    let not_checked = |why: String| Some(Verdict::new(Kind::NotChecked, why));
    let length = match fs::metadata(exercise.file()) {
        Ok(file) if file.is_file() => file.len(),
        Ok(_) => return not_checked("src/lib.rs isn't a file".to_string()),
        Err(why) => return not_checked(format!("src/lib.rs can't be read ({why}); {restore}")),
    };
    if length > LONGEST {
        let megabytes = length / 100_000;
        let (whole, tenth) = (megabytes / 10, megabytes % 10);
        return not_checked(format!(
            "src/lib.rs has {whole}.{tenth} MB, and an exercise a hundred lines; {restore}"
        ));
    }
    match fs::read_to_string(exercise.file()) {
        Ok(text) if text.trim().is_empty() => {
            Some(Verdict::new(Kind::DoesNotCompile, format!("src/lib.rs is empty; {restore}")))
        }
        Ok(_) => None,
        Err(why) => not_checked(format!("src/lib.rs can't be read ({why}); {restore}")),
    }
}

fn errors(workshop: &Workshop, exercise: &Exercise, built: &Built) -> Result<Verdict> {
    let Some(errors) = built.errors.get(&exercise.name) else {
        let why = match built.errors.iter().next() {
            Some((package, errors)) => {
                format!("{package} does not compile: {}", errors.first().map_or("", |error| &error.message))
            }
            None => cargo::reason(&built.words),
        };
        return Err(Trouble::new(format!("can't build the check of {}", exercise.name), why));
    };
    let mut verdict = Verdict::of_errors(errors, "check.rs");
    verdict.report = from_root(&verdict.report, &workshop.root);
    Ok(verdict)
}

/// The text with paths as they are from this folder.
pub(crate) fn from_root(text: &str, root: &Path) -> String {
    let mut here = root.display().to_string();
    here.push(std::path::MAIN_SEPARATOR);
    // The compiler writes the path of a learner's file as the check has it.
    text.replace(&here, "").replace("/tests/../src/", "/src/").replace("\\tests\\../src/", "\\src/")
}
