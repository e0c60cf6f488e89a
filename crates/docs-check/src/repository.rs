//! The files of a repository, and what a rule has to say about them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fmt, fs, io};

use crate::markdown::Page;

/// A folder whose Markdown is to be true.
pub struct Repository {
    /// The folder that holds README.md.
    pub root: PathBuf,
    /// Every file that a clone would have, relative to the root, with `/` between folders.
    pub files: BTreeSet<String>,
    /// Every Markdown file among them.
    pub pages: Vec<Page>,
    /// Whether `exercises/` is as shipped.
    pub exercises: Exercises,
}

/// What the files under `exercises/` are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exercises {
    /// As shipped: blocks that show an exercise, or what its check prints, are compared.
    AsShipped,
    /// A learner's work in progress: such blocks are left alone, since solving an exercise must break nothing else.
    BeingSolved,
}

impl Repository {
    /// Lists the files below `root` and reads the pages among them.
    ///
    /// # Errors
    /// When a folder or a page cannot be read.
    pub fn open(root: &Path, exercises: Exercises) -> io::Result<Self> {
        let files = match known_to_git(root, exercises) {
            Some(files) => files,
            None => walked(root)?,
        };
        let read = |path: &str| {
            fs::read_to_string(root.join(path))
                .map_err(|why| io::Error::new(why.kind(), format!("{path}: {why}")))
        };
        let pages = files
            .iter()
            .filter(|path| path.ends_with(".md"))
            .map(|path| Ok(Page::parse(path, &read(path)?)))
            .collect::<io::Result<_>>()?;
        Ok(Self { root: root.to_path_buf(), files, pages, exercises })
    }

    /// The text of a file; `None` when it is not there or not text.
    #[must_use]
    pub fn read(&self, path: &str) -> Option<String> {
        let bytes = self.files.contains(path).then(|| fs::read(self.root.join(path)).ok())??;
        if bytes.contains(&0) {
            return None;
        }
        String::from_utf8(bytes).ok().map(|text| text.replace("\r\n", "\n"))
    }

    /// Whether a folder of this name holds at least one file.
    #[must_use]
    pub fn has_folder(&self, path: &str) -> bool {
        let prefix = format!("{path}/");
        path.is_empty() || self.files.iter().any(|file| file.starts_with(&prefix))
    }

    /// The page at this path.
    #[must_use]
    pub fn page(&self, path: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.path == path)
    }

    /// The names of the packages in this workspace.
    #[must_use]
    pub fn packages(&self) -> BTreeSet<String> {
        let manifests = self.files.iter().filter(|path| path.ends_with("/Cargo.toml"));
        manifests.filter_map(|path| package_name(&self.read(path)?)).collect()
    }

    /// Whether what is below this path, or printed by this command, belongs to a learner now.
    pub(crate) fn is_learners(&self, path_or_command: &str) -> bool {
        self.exercises == Exercises::BeingSolved
            && (path_or_command.starts_with("exercises/")
                || path_or_command.starts_with("cargo workshop")
                || path_or_command.split(' ').any(|word| self.has_folder(&format!("exercises/{word}"))))
    }
}

fn package_name(manifest: &str) -> Option<String> {
    let package = manifest.split("[package]").nth(1)?;
    let line = package.lines().find(|line| line.starts_with("name"))?;
    Some(line.split('"').nth(1)?.to_owned())
}

/// What git would put in a commit: a link to an ignored file is dead for everybody else.
fn known_to_git(root: &Path, exercises: Exercises) -> Option<BTreeSet<String>> {
    if !root.join(".git").exists() {
        return None;
    }
    let list = |which: &[&str]| {
        let listing =
            Command::new("git").args(["ls-files", "-z"]).args(which).current_dir(root).output().ok()?;
        let listing = String::from_utf8(listing.stdout).ok().filter(|_| listing.status.success())?;
        let paths = listing.split('\0').filter(|path| !path.is_empty() && root.join(path).is_file());
        Some(paths.map(str::to_owned).collect::<BTreeSet<String>>())
    };
    let mut files = list(&["--cached"])?;
    // New files count where pages and code are written; a learner's notes beside README.md are nobody's business.
    let is_ours = |path: &String| exercises == Exercises::AsShipped || !is_beside_readme_or_an_exercise(path);
    files.extend(list(&["--others", "--exclude-standard"])?.into_iter().filter(is_ours));
    Some(files)
}

fn is_beside_readme_or_an_exercise(path: &str) -> bool {
    !path.contains('/') || path.starts_with("exercises/")
}

/// The same for a download without git: everything but hidden folders and `target`.
fn walked(root: &Path) -> io::Result<BTreeSet<String>> {
    let mut files = BTreeSet::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            if !entry.file_type()?.is_dir() {
                files.insert(path);
            } else if name != "target"
                && (name == ".cargo" || name == ".ci" || name == ".github" || !name.starts_with('.'))
            {
                folders.push(path);
            }
        }
    }
    Ok(files)
}

/// One thing that is not true, where it stands, and how to mend it.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The file, relative to the root.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, in one sentence.
    pub what: String,
    /// Expected against found, or what a tool said; may be empty.
    pub details: String,
    /// A command, or what to change.
    pub mend: String,
}

impl Finding {
    pub(crate) fn new(path: &str, line: usize, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into(), details: String::new(), mend: mend.into() }
    }

    pub(crate) fn with(self, details: impl Into<String>) -> Self {
        Self { details: details.into(), ..self }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}:{}: {}", self.path, self.line, self.what)?;
        for line in self.details.lines() {
            writeln!(f, "{}", format!("    {line}").trim_end())?;
        }
        writeln!(f, "  to mend: {}", self.mend)
    }
}

/// All findings as one text, in the order of files and lines, with their number first.
#[must_use]
pub fn report(mut findings: Vec<Finding>) -> String {
    findings.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    let list: String = findings.iter().map(|finding| format!("\n{finding}")).collect();
    match findings.len() {
        1 => format!("one thing in the docs is not true\n{list}"),
        many => format!("{many} things in the docs are not true\n{list}"),
    }
}
