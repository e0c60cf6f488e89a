//! Which verdict belongs to which state of a file.
//!
//! What is remembered is a text file of lines such as `verdict ex01-bank 5f1c… solved` and `hint ex01-bank 2`. It only
//! grows, by one line in one write: what is cut off by a crash is a line that nobody understands, and two programs at
//! work at once both have their lines in it. Without the file nothing is lost that a check does not find again.

use crate::exercises::{Exercise, Workshop};
use crate::verdict::Kind;
use crate::{Result, Trouble};
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

/// How far the learner is.
#[derive(Debug, Default)]
pub struct Progress {
    file: PathBuf,
    verdicts: BTreeMap<String, (u64, bool)>,
    hints: BTreeMap<String, usize>,
}

/// What is known of an exercise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The file is what was handed out.
    AsShipped,
    /// Changed, but never checked.
    Begun,
    /// The check accepts the file as it is now.
    Solved,
    /// The check rejects the file as it is now.
    NotYet,
    /// The file is another one than the one that was checked last.
    ChangedSince {
        /// What the check said then.
        solved: bool,
    },
}

impl State {
    /// As it stands in a list.
    pub fn words(self) -> &'static str {
        match self {
            State::AsShipped => "to do",
            State::Begun => "not checked yet",
            State::Solved => "solved",
            State::NotYet => "not yet",
            State::ChangedSince { solved: true } => "changed since solved",
            State::ChangedSince { solved: false } => "changed since check",
        }
    }
}

/// More lines than this are put in order when one is added.
const LINES: usize = 1000;

impl Progress {
    /// What is remembered in `.workshop`; nothing when it is not there.
    pub fn of(workshop: &Workshop) -> Self {
        let file = workshop.root.join(".workshop");
        let text =
            fs::read(&file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        let mut progress = Progress { file, ..Progress::default() };
        for line in text.lines() {
            progress.take_in(line);
        }
        progress
    }

    fn take_in(&mut self, line: &str) {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["verdict", name, fingerprint, verdict @ ("solved" | "not-yet")] => {
                if let (16, Ok(fingerprint)) = (fingerprint.len(), u64::from_str_radix(fingerprint, 16)) {
                    self.verdicts.insert(name.to_string(), (fingerprint, verdict == "solved"));
                }
            }
            ["hint", name, level] => {
                if let Ok(level) = level.parse() {
                    self.hints.insert(name.to_string(), level);
                }
            }
            _ => {}
        }
    }

    /// What is known of the exercise, with the file as it is now.
    pub fn state(&self, exercise: &Exercise) -> State {
        let now = fingerprint(exercise);
        match self.verdicts.get(&exercise.name) {
            Some(&(then, true)) if now == Some(then) => State::Solved,
            _ if exercise.is_as_shipped() => State::AsShipped,
            Some(&(then, false)) if now == Some(then) => State::NotYet,
            Some(&(_, solved)) => State::ChangedSince { solved },
            None => State::Begun,
        }
    }

    /// The first exercise that is not solved.
    pub fn next<'a>(&self, workshop: &'a Workshop) -> Option<&'a Exercise> {
        workshop.exercises.iter().find(|exercise| self.state(exercise) != State::Solved)
    }

    /// How many are solved.
    pub fn solved(&self, workshop: &Workshop) -> usize {
        workshop.exercises.iter().filter(|exercise| self.state(exercise) == State::Solved).count()
    }

    /// How many hints to this exercise were shown.
    pub fn hints(&self, exercise: &Exercise) -> usize {
        self.hints.get(&exercise.name).copied().unwrap_or(0)
    }

    /// Remembers the verdict on the file with this fingerprint.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn remember(&mut self, exercise: &Exercise, fingerprint: u64, kind: Kind) -> Result<()> {
        let solved = kind == Kind::Solved;
        let verdict = if solved { "solved" } else { "not-yet" };
        if self.verdicts.insert(exercise.name.clone(), (fingerprint, solved)) == Some((fingerprint, solved)) {
            return Ok(());
        }
        self.add(&format!("verdict {} {fingerprint:016x} {verdict}", exercise.name))
    }

    /// Remembers that so many hints were shown.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn remember_hint(&mut self, exercise: &Exercise, level: usize) -> Result<()> {
        self.hints.insert(exercise.name.clone(), level);
        self.add(&format!("hint {} {level}", exercise.name))
    }

    fn add(&self, line: &str) -> Result<()> {
        let add = || {
            let text = fs::read(&self.file).unwrap_or_default();
            if text.split(|&byte| byte == b'\n').count() > LINES {
                return self.put_in_order();
            }
            // A crash may have left half a line.
            let start = if text.last().is_none_or(|&byte| byte == b'\n') { "" } else { "\n" };
            let mut file = OpenOptions::new().create(true).append(true).open(&self.file)?;
            file.write_all(format!("{start}{line}\n").as_bytes())
        };
        add().map_err(|why| Trouble::new(format!("can't write {}", self.file.display()), why))
    }

    /// Writes what is known beside the file, and puts it in the file's place in one step.
    fn put_in_order(&self) -> std::io::Result<()> {
        let verdict = |(name, (fingerprint, solved)): (&String, &(u64, bool))| {
            format!("verdict {name} {fingerprint:016x} {}\n", if *solved { "solved" } else { "not-yet" })
        };
        let hint = |(name, level): (&String, &usize)| format!("hint {name} {level}\n");
        let text: String = self.verdicts.iter().map(verdict).chain(self.hints.iter().map(hint)).collect();
        replace(&self.file, text.as_bytes())
    }
}

/// Puts a new content in a file's place: whoever reads sees the old one or the new one.
pub(crate) fn replace(file: &std::path::Path, content: &[u8]) -> std::io::Result<()> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = fs::write(&beside, content).and_then(|()| fs::rename(&beside, file));
    written.inspect_err(|_| drop(fs::remove_file(&beside)))
}

/// A number for the content of the learner's file and of the check: FNV-1a, the same on every machine. `None` when
/// there is no file.
pub fn fingerprint(exercise: &Exercise) -> Option<u64> {
    let mine = fs::read(exercise.file()).ok()?;
    let check = fs::read(exercise.check()).unwrap_or_default();
    let bytes = mine.iter().chain(&[0]).chain(&check);
    Some(
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }),
    )
}
