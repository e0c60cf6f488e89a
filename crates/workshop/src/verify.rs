//! Every check against the shipped file, the solution, and the right and wrong fixes.
//!
//! Cargo builds the solutions and what they need, once. Each other candidate is one call
//! of the compiler, in a folder with a copy of the exercise's check. The next candidate
//! of the same exercise is compiled in the same folder, incrementally: only its
//! `src/lib.rs` has changed, which takes a quarter of the time. The learner's
//! `src/lib.rs` is neither touched nor read: the file as shipped is kept beside the
//! solution.

use crate::cargo::{self, Built};
use crate::exercises::{Exercise, Workshop};
use crate::process::{self, End, Scratch};
use crate::told::Told;
use crate::verdict::{Kind, Verdict, refused};
use crate::{Result, Trouble, check};
use std::ffi::OsString;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// How many wrong and right fixes an exercise needs for its check to be believed.
pub const FEWEST: (usize, usize) = (6, 4);

/// What is verified, and how.
#[derive(Debug, Clone)]
pub struct Settings {
    /// For each compilation, and for each run of a check.
    pub limit: Duration,
    /// How many candidates at once.
    pub jobs: usize,
    /// The least number of wrong and of right fixes.
    pub fewest: (usize, usize),
    /// Besides the shipped file and the solution, one in this many fixes is judged; `None` judges no fixes.
    pub one_fix_in: Option<usize>,
    /// How often each check is run; at least once. Each time it has to say what it must.
    pub times: u32,
}

impl Default for Settings {
    fn default() -> Self {
        // Two for each core: the checks of network code wait most of their time, for what a wrong fix never does.
        let jobs = 2 * thread::available_parallelism().map_or(1, usize::from);
        Settings { limit: Duration::from_secs(120), jobs, fewest: FEWEST, one_fix_in: Some(1), times: 1 }
    }
}

/// Which file a check is run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// What the learner begins with: to be rejected.
    Shipped,
    /// To be accepted.
    Solution,
    /// A right fix in another style: to be accepted.
    Right,
    /// A wrong fix: to be rejected.
    Wrong,
}

/// A file under a check, and what came of it.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Which one of the exercises, as an index.
    pub exercise: usize,
    /// What the file is.
    pub role: Role,
    /// `shipped`, `solution`, `right/one_lock` and so on.
    pub name: String,
    /// The reason in the file's first line.
    pub reason: String,
    /// What the check says.
    pub verdict: Verdict,
    /// What is not as it must be.
    pub deviation: Option<String>,
}

/// The outcome of a verification.
#[derive(Debug, Default)]
pub struct Verified {
    /// In the order of the exercises, and of [`Role`] within each.
    pub judged: Vec<Judged>,
    /// What is missing: of an exercise (as an index), what and why.
    pub missing: Vec<(usize, String)>,
    names: Vec<String>,
}

struct Candidate {
    exercise: usize,
    role: Role,
    name: String,
    text: String,
}

/// What the compiler has to be told for an exercise's check.
struct Recipe {
    text: String,
    flags: Vec<String>,
    /// The program for the solution, or why there is none.
    solution: std::result::Result<PathBuf, Verdict>,
}

/// Judges every candidate of these exercises. `progress` is told how many are done, and of how many.
///
/// # Errors
/// When cargo, the compiler or a folder cannot be used at all.
pub fn verify(
    workshop: &Workshop,
    exercises: &[&Exercise],
    settings: &Settings,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Verified> {
    let mut verified =
        Verified { names: exercises.iter().map(|e| e.name.clone()).collect(), ..Verified::default() };
    let mut candidates = vec![];
    for (number, exercise) in exercises.iter().enumerate() {
        let (mut found, missing) = candidates_of(number, exercise, settings)?;
        candidates.append(&mut found);
        verified.missing.extend(missing.into_iter().map(|what| (number, what)));
    }
    verified.judged = judge_all(workshop, exercises, &candidates, settings, progress)?;
    Ok(verified)
}

/// A file that a check judges, wherever it comes from.
#[derive(Debug, Clone)]
pub struct Text {
    /// Which one of the exercises, as an index.
    pub exercise: usize,
    /// The whole of `src/lib.rs`.
    pub text: String,
}

/// What the checks say about these files, in their order.
///
/// # Errors
/// When cargo, the compiler or a folder cannot be used at all.
pub fn verdicts(
    workshop: &Workshop,
    exercises: &[&Exercise],
    texts: &[Text],
    settings: &Settings,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Vec<Verdict>> {
    let candidate = |one: &Text| Candidate {
        exercise: one.exercise,
        role: Role::Wrong,
        name: String::new(),
        text: one.text.clone(),
    };
    let candidates: Vec<Candidate> = texts.iter().map(candidate).collect();
    let judged = judge_all(workshop, exercises, &candidates, settings, progress)?;
    Ok(judged.into_iter().map(|one| one.verdict).collect())
}

fn judge_all(
    workshop: &Workshop,
    exercises: &[&Exercise],
    candidates: &[Candidate],
    settings: &Settings,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Vec<Judged>> {
    progress(0, candidates.len());
    let scratch = cargo::target_folder(&workshop.root)?.join(format!("workshop-{}", std::process::id()));
    let scratch = Scratch::new(scratch).map_err(|why| Trouble::new("no folder for the candidates", why))?;
    let recipes = recipes(workshop, exercises)?;

    let next = AtomicUsize::new(0);
    let judged = Mutex::new(vec![]);
    thread::scope(|scope| {
        for worker in 0..settings.jobs.clamp(1, candidates.len().max(1)) {
            let folder = scratch.path().join(worker.to_string());
            let (next, judged, recipes) = (&next, &judged, &recipes);
            scope.spawn(move || {
                let mut last = None;
                // From the end: the last exercises' checks wait most, and the others fill the gaps.
                while let Some(number) =
                    candidates.len().checked_sub(1 + next.fetch_add(1, Ordering::Relaxed))
                {
                    let candidate = &candidates[number];
                    if last.replace(candidate.exercise) != Some(candidate.exercise) {
                        let _ = fs::remove_dir_all(&folder);
                    }
                    let recipe = &recipes[candidate.exercise];
                    let exercise = exercises[candidate.exercise];
                    let one = judge(workshop, exercise, candidate, recipe, &folder, settings);
                    let mut judged = judged.lock().unwrap();
                    judged.push((number, one));
                    progress(judged.len(), candidates.len());
                }
                let _ = fs::remove_dir_all(&folder);
            });
        }
    });
    let mut judged = judged.into_inner().unwrap();
    judged.sort_by_key(|(number, _)| *number);
    judged.into_iter().map(|(_, one)| one).collect()
}

/// The files that the check of an exercise has to judge, and what of them is not there.
fn candidates_of(
    number: usize,
    exercise: &Exercise,
    settings: &Settings,
) -> Result<(Vec<Candidate>, Vec<String>)> {
    let one = |role, name: &str, source: PathBuf| -> Result<Candidate> {
        let text = fs::read_to_string(&source).map_err(|why| Trouble::new(source.display(), why))?;
        Ok(Candidate { exercise: number, role, name: name.to_string(), text })
    };
    let mut found = vec![];
    let mut missing = vec![];
    if exercise.shipped().is_file() {
        found.push(one(Role::Shipped, "shipped", exercise.shipped())?);
    } else {
        missing.push("there is no shipped.rs beside the solution".to_string());
    }
    if exercise.solved().is_file() {
        found.push(one(Role::Solution, "solution", exercise.solved())?);
    } else {
        missing.push("there is no solution".to_string());
    }
    let (wrong, right) = settings.fewest;
    let fixes = [(Role::Right, "right", right), (Role::Wrong, "wrong", wrong)];
    let Some(step) = settings.one_fix_in else { return Ok((found, missing)) };
    for (role, kind, fewest) in fixes {
        let files = rust_files(&exercise.solution.join("fixes").join(kind))?;
        if files.len() < fewest {
            missing.push(format!(
                "{} in fixes/{kind}; at least {fewest} are wanted",
                crate::count(files.len(), "file")
            ));
        }
        // Of two exercises in a row, not the same places in the list.
        for source in files.into_iter().skip(number % step).step_by(step) {
            let stem = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            found.push(one(role, &format!("{kind}/{stem}"), source)?);
        }
    }
    Ok((found, missing))
}

/// The Rust files of a folder, in the order of their names; none if it does not exist.
///
/// # Errors
/// When the folder cannot be read.
pub fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(vec![]);
    }
    let entries = fs::read_dir(folder).map_err(|why| Trouble::new(folder.display(), why))?;
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<PathBuf> = files.filter(|file| file.extension().is_some_and(|e| e == "rs")).collect();
    files.sort();
    Ok(files)
}

fn recipes(workshop: &Workshop, exercises: &[&Exercise]) -> Result<Vec<Recipe>> {
    let used = cargo::dependencies(&workshop.root)?;
    let is_package = |e: &&&Exercise| used.contains_key(&e.solution_package());
    let packages: Vec<String> = exercises.iter().filter(is_package).map(|e| e.solution_package()).collect();
    let built = match packages.is_empty() {
        true => Built::default(),
        false => cargo::build_checks(&workshop.root, &packages, Duration::from_secs(1200))?,
    };
    let recipe = |exercise: &&Exercise| {
        let package = exercise.solution_package();
        let names = used.get(&package).into_iter().flatten();
        let externs = names.filter_map(|name| Some((name, built.libraries.get(name)?)));
        let mut flags: Vec<String> = externs
            .flat_map(|(name, file)| ["--extern".into(), format!("{name}={}", file.display())])
            .collect();
        flags.extend(built.search.iter().flat_map(|folder| ["-L".into(), folder.clone()]));
        let text = fs::read_to_string(exercise.check())
            .map_err(|why| Trouble::new(exercise.check().display(), why))?;
        let why_not = || match built.errors.get(&package) {
            Some(errors) => Verdict::of_errors(errors, "check.rs"),
            None if !used.contains_key(&package) => {
                Verdict::new(Kind::NotChecked, format!("there is no package {package}"))
            }
            None => {
                let why = format!("cargo has built no test `check` for {package}");
                Verdict { kind: Kind::NotChecked, why, report: built.words.trim().to_string() }
            }
        };
        let solution = built.tests.get(&package).cloned().ok_or_else(why_not);
        Ok(Recipe { text, flags, solution })
    };
    exercises.iter().map(recipe).collect()
}

fn judge(
    workshop: &Workshop,
    exercise: &Exercise,
    candidate: &Candidate,
    recipe: &Recipe,
    folder: &Path,
    settings: &Settings,
) -> Result<Judged> {
    let text = &candidate.text;
    let first = text.lines().next().unwrap_or_default();
    let comment = first.strip_prefix("//!").or_else(|| first.strip_prefix("//"));
    let reason = comment.map(str::trim).unwrap_or_default().to_string();
    let program = match candidate.role {
        Role::Solution => recipe.solution.clone(),
        _ => compile(workshop, exercise, recipe, folder, text, settings.limit)?,
    };
    // The folder is gone when this is read.
    let tidy = |text: &str| {
        // A report names a file from the root, the compiler in full.
        let from_root = check::from_root(text, &workshop.root);
        let folder = folder.strip_prefix(&workshop.root).unwrap_or(folder);
        check::from_root(&from_root, folder)
    };
    let judged = |verdict: Verdict| {
        let verdict = Verdict { kind: verdict.kind, why: tidy(&verdict.why), report: tidy(&verdict.report) };
        let deviation =
            deviation(candidate.role, &reason, &verdict).or_else(|| beyond_limits(&exercise.name, &verdict));
        let Candidate { exercise, role, name, .. } = candidate;
        Judged {
            exercise: *exercise,
            role: *role,
            name: name.clone(),
            reason: reason.clone(),
            verdict,
            deviation,
        }
    };
    let program = match program {
        Ok(program) => program,
        Err(verdict) => return Ok(judged(verdict)),
    };
    let run = || -> Result<Judged> {
        let mut check = cargo::command(&program);
        check.current_dir(&exercise.folder).env("CARGO_PKG_NAME", &exercise.name);
        check.env("CARGO_MANIFEST_DIR", folder).env("RUST_TEST_THREADS", check::TEST_THREADS);
        check.env("COLUMNS", COLUMNS.to_string()).env_remove("INTERLEAVE_FULL");
        let ran = process::run(&mut check, settings.limit)
            .map_err(|why| Trouble::new(format!("the check of {} cannot be started", exercise.name), why))?;
        Ok(judged(Verdict::of_run(&ran, &recipe.text)))
    };
    let mut one = run()?;
    for time in 2..=settings.times {
        if one.deviation.is_some() {
            break;
        }
        one = run()?;
        one.deviation = one.deviation.map(|what| format!("{what}, in run {time} of {}", settings.times));
    }
    Ok(one)
}

/// What is told of a failing check has at most this many lines.
const LINES: usize = 50;
/// Its table has at most this many columns.
const COLUMNS: usize = 80;
/// And its table has at most this many lines below its head.
const ROWS: usize = 24;

/// What's too much of a report for one look at a terminal, or missing in it.
fn beyond_limits(exercise: &str, verdict: &Verdict) -> Option<String> {
    // Whether it compiles is the compiler's affair.
    if matches!(verdict.kind, Kind::Solved | Kind::DoesNotCompile | Kind::NotChecked) {
        return None;
    }
    let short = exercise.split('-').next().unwrap_or(exercise);
    let bold = |text: &str| text.to_string();
    let told = Told { name: exercise, short, has_page: true, width: COLUMNS, bold: &bold };
    let text = told.first(verdict, 2);
    let wide = |line: &str| line.chars().count();
    let lines = text.lines().count();
    let widest = text.lines().filter(|line| line.contains('│')).map(wide).max().unwrap_or(0);
    let head = verdict.report.lines().position(|line| line.starts_with("──────┼"));
    let rows = head
        .map_or(0, |head| verdict.report.lines().skip(head + 1).filter(|line| line.contains('│')).count());
    if lines > LINES || rows > ROWS || widest > COLUMNS {
        return Some(format!(
            "its report has {lines} lines, {rows} rows and {widest} columns; {LINES}, {ROWS} and {COLUMNS} are allowed"
        ));
    }
    head.and_then(|head| without_a_reason(&verdict.report, head))
}

/// What the reason lacks that comes before the table with its head in this line.
fn without_a_reason(report: &str, head: usize) -> Option<String> {
    let lines: Vec<&str> = report.lines().collect();
    // The head has two lines, and above it the file is named. What belongs to the headline is indented.
    let begin = lines.iter().position(|line| !line.is_empty() && !line.starts_with(' '));
    let reason = lines.get(begin.unwrap_or(0)..head.saturating_sub(2)).unwrap_or_default();
    reason.iter().all(|line| line.is_empty()).then(|| "its report gives no reason".into())
}

/// What is not as it must be.
fn deviation(role: Role, reason: &str, verdict: &Verdict) -> Option<String> {
    let deviation = match (role, verdict.kind) {
        (Role::Solution, Kind::Solved) => return None,
        (Role::Right | Role::Wrong, _) if reason.is_empty() => {
            "its first line is no `//` comment with the reason"
        }
        (Role::Right, Kind::Solved) => return None,
        (Role::Solution | Role::Right, _) => "is rejected, and is right",
        (Role::Shipped, Kind::Solved) => "is accepted as shipped: there is nothing to solve",
        (Role::Wrong, Kind::Solved) => "is accepted, and is wrong",
        (_, Kind::NotChecked) => "could not be checked",
        // Otherwise a slip of the pen would count as a fix that the check sees through.
        (Role::Wrong, Kind::DoesNotCompile) if reason.contains("does not compile") => return None,
        (Role::Shipped | Role::Wrong, Kind::DoesNotCompile) => {
            "is rejected by the compiler, not by the check"
        }
        (Role::Shipped | Role::Wrong, _) => return None,
    };
    Some(deviation.to_string())
}

/// The program that checks this candidate, or the verdict that there is none.
fn compile(
    workshop: &Workshop,
    exercise: &Exercise,
    recipe: &Recipe,
    folder: &Path,
    text: &str,
    limit: Duration,
) -> Result<std::result::Result<PathBuf, Verdict>> {
    let trouble = |why| Trouble::new(folder.display(), why);
    fs::create_dir_all(folder.join("src")).map_err(trouble)?;
    fs::write(folder.join("src").join("lib.rs"), text).map_err(trouble)?;
    let check = exercise.check();
    let tests = folder.join("tests");
    copy_folder(check.parent().unwrap_or(&check), &tests).map_err(trouble)?;
    let program = folder.join(format!("check{}", std::env::consts::EXE_SUFFIX));
    let mut rustc = cargo::command(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.current_dir(&workshop.root).arg(tests.join("check.rs")).arg("-o").arg(&program).args(&recipe.flags);
    // As the workspace has it: the same lines in a backtrace, and no `unsafe`.
    rustc.args([
        "--edition=2024",
        "--test",
        "--crate-name=check",
        "-Cdebuginfo=line-tables-only",
        "-Funsafe_code",
    ]);
    let mut incremental = OsString::from("-Cincremental=");
    incremental.push(folder.join("incremental"));
    rustc.arg(incremental);
    rustc.args(std::env::var("RUSTFLAGS").unwrap_or_default().split_whitespace());
    rustc.env("CARGO_MANIFEST_DIR", folder).env("CARGO_PKG_NAME", &exercise.name);
    let ran = process::run(&mut rustc, limit).map_err(|why| Trouble::new("rustc cannot be started", why))?;
    if ran.end == End::Code(0) {
        return Ok(Ok(program));
    }
    if let Some(sentence) = ran.stderr.lines().find_map(refused) {
        return Ok(Err(Verdict::new(Kind::NotYet, sentence)));
    }
    let error = ran.stderr.lines().find(|line| line.starts_with("error"));
    let report = ran.stderr.lines().take(30).collect::<Vec<_>>().join("\n");
    Ok(Err(match error {
        Some(error) => Verdict { kind: Kind::DoesNotCompile, why: error.to_string(), report },
        None => {
            let seconds = limit.as_secs();
            let why = format!("the compiler was ended after {seconds} seconds, or gave no reason");
            Verdict { kind: Kind::NotChecked, why, report }
        }
    }))
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &copy)?;
        } else {
            fs::copy(entry.path(), copy)?;
        }
    }
    Ok(())
}

impl Verified {
    /// Whether everything is as it must be.
    pub fn is_as_it_must_be(&self) -> bool {
        self.deviations() == 0
    }

    /// How much is not as it must be.
    pub fn deviations(&self) -> usize {
        self.missing.len() + self.judged.iter().filter(|one| one.deviation.is_some()).count()
    }

    /// Exercise × (as shipped, solution, right, wrong), without timings: the same in every run.
    pub fn table(&self) -> String {
        let wide =
            self.names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max("exercise".len());
        let mut table =
            format!("{:wide$}  as shipped  solution  right accepted  wrong rejected\n", "exercise");
        for (number, name) in self.names.iter().enumerate() {
            let of = |role| self.judged.iter().filter(move |one| one.exercise == number && one.role == role);
            let one = |role: Role| match of(role).next() {
                None => "missing",
                Some(one) if one.verdict.is_solved() => "passes",
                Some(one) if one.verdict.kind == Kind::NotChecked => "not run",
                Some(_) => "fails",
            };
            let many = |role| {
                let good = of(role).filter(|one| one.deviation.is_none()).count();
                format!("{good}/{}", of(role).count())
            };
            let (right, wrong) = (many(Role::Right), many(Role::Wrong));
            let bad = self.missing.iter().any(|(n, _)| *n == number)
                || self.judged.iter().any(|one| one.exercise == number && one.deviation.is_some());
            let (shipped, solution) = (one(Role::Shipped), one(Role::Solution));
            let row = format!("{name:wide$}  {shipped:10}  {solution:8}  {right:>14}  {wrong:>14}");
            let _ = writeln!(table, "{row}{}", if bad { "  <- see below" } else { "" });
        }
        table
    }

    /// Each deviation, with what the check said.
    pub fn told(&self) -> String {
        let mut text = String::new();
        for (number, what) in &self.missing {
            let _ = writeln!(text, "{}: {what}\n", self.names[*number]);
        }
        for one in &self.judged {
            if let Some(deviation) = &one.deviation {
                let _ = writeln!(text, "{} {}: {deviation}", self.names[one.exercise], one.name);
                if !one.reason.is_empty() && one.role != Role::Solution && one.role != Role::Shipped {
                    let _ = writeln!(text, "    the reason given: {}", one.reason);
                }
                let _ = writeln!(text, "    the check says: {}", one.verdict.line());
                for line in one.verdict.report.lines() {
                    let _ = writeln!(text, "    | {line}");
                }
                text.push('\n');
            }
        }
        text
    }

    /// Each candidate in two lines: what the check says, and why it should.
    pub fn each(&self) -> String {
        let mut text = String::new();
        for one in &self.judged {
            let _ = writeln!(text, "{} {}: {}", self.names[one.exercise], one.name, one.verdict.line());
            if one.role == Role::Wrong || one.role == Role::Right {
                let _ = writeln!(text, "    {}", one.reason);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A verdict with this many rows in its table, each this wide.
    fn with_table(rows: usize, wide: usize) -> Verdict {
        let row = format!("    1 │ {}\n", "x".repeat(wide - 8));
        let report = format!(
            "main lost it in step 1.\n\nsrc/lib.rs\n step │ main\n──────┼───\n{}\nOne is enough.",
            row.repeat(rows)
        );
        Verdict { kind: Kind::NotYet, why: "wrong".into(), report }
    }

    #[test]
    fn a_report_may_be_a_page_and_no_more() {
        assert_eq!(beyond_limits("ex01-bank", &with_table(24, 80)), None);
        let told = |rows, wide| {
            beyond_limits("ex01-bank", &with_table(rows, wide)).unwrap_or_else(|| "nothing".into())
        };
        let wanted = "its report has 40 lines, 25 rows and 80 columns";
        assert!(told(25, 80).starts_with(wanted), "{}", told(25, 80));
        assert!(told(10, 81).contains("10 rows and 81 columns"), "{}", told(10, 81));
        let mut long = with_table(20, 80);
        long.report += &"\nMore to read.".repeat(17);
        let told = beyond_limits("ex01-bank", &long).unwrap_or_default();
        assert!(told.starts_with("its report has 52 lines, 20 rows"), "{told}");
        assert_eq!(beyond_limits("ex01-bank", &Verdict::new(Kind::NotYet, "no table")), None);
        // Without a table, its length counts all the same.
        let mut talks = Verdict::new(Kind::NotYet, "no table");
        talks.report = "A line.\n".repeat(60);
        assert!(beyond_limits("ex01-bank", &talks).is_some_and(|told| told.contains("0 rows")));
    }

    #[test]
    fn a_report_with_a_table_has_a_reason() {
        let report = with_table(2, 60);
        assert_eq!(beyond_limits("ex01-bank", &report), None);
        let with = |reason: &str| {
            let text = report.report.replace("main lost it in step 1.", reason);
            beyond_limits("ex01-bank", &Verdict { report: text, ..report.clone() }).unwrap_or_default()
        };
        assert_eq!(with(""), "its report gives no reason");
        assert_eq!(with("    at tests/check.rs:3"), "its report gives no reason");
    }
}
