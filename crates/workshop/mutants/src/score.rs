//! All mutants under the checks, and what came of it.

use crate::equivalents::{self, Equivalents};
use crate::mutants::{self, Mutant};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use workshop::exercises::{Exercise, Workshop};
use workshop::verdict::{Kind, Verdict};
use workshop::verify::{self, Settings, Text};
use workshop::{Result, Trouble};

/// Which mutants are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Those of the right fixes too, besides those of the solution.
    pub right_fixes: bool,
    /// At most this many of each exercise, always the same ones.
    pub sample: Option<usize>,
}

/// What became of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The compiler refuses it.
    DoesNotCompile,
    /// The check refuses it.
    Rejected,
    /// It is on the list of those that change nothing, and the check accepts it.
    Equivalent,
    /// The check accepts it.
    Survives,
}

/// A mutant and what the check says about it.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Which one of the exercises, as an index.
    pub exercise: usize,
    /// `solution: Account::withdraw: …` or `right/gate: …`.
    pub name: String,
    /// What became of it.
    pub fate: Fate,
    /// What the check says.
    pub verdict: Verdict,
}

/// The outcome for all exercises.
#[derive(Debug, Default)]
pub struct Score {
    /// In the order of the exercises.
    pub judged: Vec<Judged>,
    /// What is wrong with a list of equivalent mutants: of an exercise (as an index),
    /// what.
    pub lists: Vec<(usize, String)>,
    names: Vec<String>,
}

/// The mutants of an exercise's solution, and of its right fixes if they are wanted.
/// Their names begin with the file's.
///
/// # Errors
/// When a file cannot be read, or is not Rust.
pub fn mutants_of(exercise: &Exercise, right_fixes: bool) -> Result<Vec<Mutant>> {
    let mut files = vec![("solution".to_string(), exercise.solved())];
    if right_fixes {
        for file in verify::rust_files(&exercise.solution.join("fixes").join("right"))? {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            files.push((format!("right/{stem}"), file));
        }
    }
    let mut all = vec![];
    for (name, file) in files {
        let text = fs::read_to_string(&file).map_err(|why| Trouble::new(file.display(), why))?;
        let found = mutants::mutants(&text).map_err(|why| Trouble::new(file.display(), why))?;
        all.extend(found.into_iter().map(|one| Mutant { name: format!("{name}: {}", one.name), ..one }));
    }
    Ok(all)
}

/// Judges the mutants of these exercises. `progress` is told how many are done, and of
/// how many.
///
/// # Errors
/// When a file, cargo or the compiler cannot be used at all.
pub fn score(
    workshop: &Workshop,
    exercises: &[&Exercise],
    choice: Choice,
    settings: &Settings,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Score> {
    let mut score =
        Score { names: exercises.iter().map(|one| one.name.clone()).collect(), ..Score::default() };
    let (mut names, mut texts, mut lists) = (vec![], vec![], vec![]);
    for (exercise, one) in exercises.iter().enumerate() {
        let mutants = mutants_of(one, choice.right_fixes)?;
        let (list, mut wrong) = list_of(one, &mutants, choice.right_fixes)?;
        score.lists.extend(wrong.drain(..).map(|what| (exercise, what)));
        lists.push(list);
        for Mutant { name, text } in sampled(mutants, choice.sample) {
            names.push(name);
            texts.push(Text { exercise, text });
        }
    }
    let verdicts = verify::verdicts(workshop, exercises, &texts, settings, progress)?;
    for ((name, Text { exercise, .. }), verdict) in names.into_iter().zip(texts).zip(verdicts) {
        let is_listed = lists[exercise].contains_key(&name);
        let fate = match verdict.kind {
            Kind::DoesNotCompile => Fate::DoesNotCompile,
            Kind::Solved if is_listed => Fate::Equivalent,
            Kind::Solved | Kind::NotChecked => Fate::Survives,
            _ => Fate::Rejected,
        };
        if is_listed && fate != Fate::Equivalent {
            let what = "is listed as equivalent, and the check or the compiler rejects it";
            score.lists.push((exercise, format!("{name}: {what}: {}", verdict.line())));
        }
        score.judged.push(Judged { exercise, name, fate, verdict });
    }
    Ok(score)
}

/// The list of equivalent mutants beside a solution, and what is wrong with it.
fn list_of(exercise: &Exercise, mutants: &[Mutant], right_fixes: bool) -> Result<(Equivalents, Vec<String>)> {
    let file = exercise.solution.join(equivalents::FILE);
    if !file.exists() {
        return Ok((Equivalents::new(), vec![]));
    }
    let text = fs::read_to_string(&file).map_err(|why| Trouble::new(file.display(), why))?;
    let list = equivalents::parse(&text).map_err(|why| Trouble::new(file.display(), why))?;
    let known: BTreeSet<&str> = mutants.iter().map(|one| &*one.name).collect();
    let is_of_a_fix = |name: &str| name.starts_with("right/");
    let unknown = list.keys().filter(|name| !known.contains(&***name) && (right_fixes || !is_of_a_fix(name)));
    let unknown =
        unknown.map(|name| format!("{name}: is listed as equivalent, but there is no such mutant")).collect();
    Ok((list, unknown))
}

/// This many of them, drawn by their names: the same in every run, and on every machine.
fn sampled(mut mutants: Vec<Mutant>, size: Option<usize>) -> Vec<Mutant> {
    if let Some(size) = size {
        mutants.sort_by_key(|one| hash(&one.name));
        mutants.truncate(size);
    }
    mutants
}

/// FNV-1a, which does not change with the compiler.
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

impl Score {
    /// Whether every mutant that compiles is rejected or listed, and every list is right.
    pub fn is_complete(&self) -> bool {
        self.lists.is_empty() && self.judged.iter().all(|one| one.fate != Fate::Survives)
    }

    /// The share of rejected mutants among those that are not equivalent.
    pub fn table(&self) -> String {
        let wide = self.names.iter().map(String::len).max().unwrap_or(0).max("exercise".len());
        let mut table =
            format!("{:wide$}  mutants  do not compile  equivalent  rejected  survive  score\n", "exercise");
        let every: Vec<Option<usize>> = (0..self.names.len()).map(Some).collect();
        let all = if self.names.len() > 1 { vec![None] } else { vec![] };
        for exercise in every.into_iter().chain(all) {
            let of = |fate| {
                let of_this =
                    self.judged.iter().filter(|one| exercise.is_none_or(|this| this == one.exercise));
                of_this.filter(|one| one.fate == fate).count()
            };
            let (invalid, equivalent) = (of(Fate::DoesNotCompile), of(Fate::Equivalent));
            let (rejected, survive) = (of(Fate::Rejected), of(Fate::Survives));
            let score = match rejected + survive {
                0 => "-".to_string(),
                // Rounded down: 100 % means all.
                counted => format!("{} %", rejected * 100 / counted),
            };
            let name = exercise.map_or("all", |this| &self.names[this]);
            let sum = invalid + equivalent + rejected + survive;
            let _ = writeln!(
                table,
                "{name:wide$}  {sum:>7}  {invalid:>14}  {equivalent:>10}  {rejected:>8}  {survive:>7}  {score:>5}"
            );
        }
        table
    }

    /// Each survivor, and what is wrong with the lists.
    pub fn deviations(&self) -> String {
        let mut text = String::new();
        for (exercise, what) in &self.lists {
            let _ = writeln!(text, "{}: {what}", self.names[*exercise]);
        }
        for one in self.judged.iter().filter(|one| one.fate == Fate::Survives) {
            let _ = writeln!(text, "{} survives: {}", self.names[one.exercise], one.name);
        }
        text
    }

    /// Each mutant, with what the check says.
    pub fn each(&self) -> String {
        let mut text = String::new();
        for one in &self.judged {
            let _ = writeln!(text, "{} {}\n    {}", self.names[one.exercise], one.name, one.verdict.line());
        }
        text
    }
}
