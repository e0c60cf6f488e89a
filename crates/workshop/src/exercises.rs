//! The workshop's folders, and what `1`, `01` or `ex01` mean.

use crate::{Result, Trouble};
use std::fs;
use std::path::{Path, PathBuf};

/// The workspace with its exercises.
#[derive(Debug, Clone)]
pub struct Workshop {
    /// The folder that holds `exercises` and `solutions`.
    pub root: PathBuf,
    /// In the order of their names.
    pub exercises: Vec<Exercise>,
}

/// One exercise: two folders of the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exercise {
    /// The folder's and the package's name: `ex01-bank`.
    pub name: String,
    /// The learner's folder.
    pub folder: PathBuf,
    /// The folder with the solution, the file as shipped, and the fixes.
    pub solution: PathBuf,
}

impl Workshop {
    /// The workshop in `root`.
    ///
    /// # Errors
    /// When there is no folder `exercises` with at least one exercise.
    pub fn open(root: &Path) -> Result<Self> {
        let folder = root.join("exercises");
        let entries = fs::read_dir(&folder).map_err(|why| Trouble::new(folder.display(), why))?;
        let mut exercises: Vec<Exercise> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.starts_with("ex") && folder.join(name).join("Cargo.toml").is_file())
            .map(|name| Exercise {
                folder: folder.join(&name),
                solution: root.join("solutions").join(&name),
                name,
            })
            .collect();
        exercises.sort_by(|a, b| a.name.cmp(&b.name));
        if exercises.is_empty() {
            return Err(Trouble::new(folder.display(), "no exercises in this folder"));
        }
        Ok(Workshop { root: root.to_path_buf(), exercises })
    }

    /// The workshop around `here`, or the one that this program was built in.
    ///
    /// # Errors
    /// When neither is there.
    pub fn around(here: &Path) -> Result<Self> {
        let is_root = |dir: &&Path| dir.join("exercises").is_dir() && dir.join("Cargo.toml").is_file();
        let built_in = || Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
        match here.ancestors().find(is_root).or_else(built_in) {
            Some(root) => Self::open(root),
            None => Err(Trouble::new(here.display(), "this folder isn't part of the workshop")),
        }
    }

    /// The exercise that `1`, `01`, `ex1`, `ex01`, `ex01-bank`, `bank` or a path into its folder means.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn find(&self, wanted: &str) -> Result<&Exercise> {
        let name = wanted.trim().to_lowercase();
        let number = name.strip_prefix("ex").unwrap_or(&name).parse::<u32>().ok();
        let is_it = |e: &&Exercise| {
            let title = e.name.split_once('-').map(|(_, title)| title);
            e.name == name || title == Some(&name) || number.is_some_and(|number| e.number() == Some(number))
        };
        let of_path =
            || self.exercises.iter().find(|e| Path::new(wanted).iter().any(|part| *part == *e.name));
        self.exercises.iter().find(is_it).or_else(of_path).ok_or_else(|| {
            let names = [self.exercises.first(), self.exercises.last()].map(|e| e.map_or("", |e| &e.name));
            let [first, last] = names;
            let lost = fs::read_dir(self.root.join("solutions")).into_iter().flatten().find_map(|entry| {
                let folder = entry.ok()?.file_name().into_string().ok()?;
                let prefix = format!("ex{:02}-", number?);
                (folder == name || folder.starts_with(&prefix)).then_some(folder)
            });
            match lost {
                Some(folder) => Trouble::new(
                    format!("exercises/{folder}"),
                    "this folder is missing; to restore it, run `git checkout exercises`",
                ),
                None => Trouble::new(
                    format!("`{wanted}`"),
                    format!("no such exercise; they are {first} to {last}"),
                ),
            }
        })
    }

    /// The exercise in whose folder `here` is.
    pub fn exercise_around(&self, here: &Path) -> Option<&Exercise> {
        let here = here.canonicalize().ok()?;
        self.exercises.iter().find(|e| e.folder.canonicalize().is_ok_and(|folder| here.starts_with(folder)))
    }
}

impl Exercise {
    /// The 1 of `ex01-bank`.
    pub fn number(&self) -> Option<u32> {
        self.name.strip_prefix("ex")?.split('-').next()?.parse().ok()
    }

    /// How the learner writes it in a command: `1`, or the whole name where there is no number.
    pub fn short(&self) -> String {
        self.number().map_or_else(|| self.name.clone(), |number| number.to_string())
    }

    /// The file that the learner changes.
    pub fn file(&self) -> PathBuf {
        self.folder.join("src").join("lib.rs")
    }

    /// The test that judges it.
    pub fn check(&self) -> PathBuf {
        self.folder.join("tests").join("check.rs")
    }

    /// The file that the learner begins with.
    pub fn shipped(&self) -> PathBuf {
        self.solution.join("shipped.rs")
    }

    /// The file that the learner may compare with.
    pub fn solved(&self) -> PathBuf {
        self.solution.join("src").join("lib.rs")
    }

    /// The package of the solution.
    pub fn solution_package(&self) -> String {
        format!("{}-solution", self.name)
    }

    /// What it is about, as its manifest says: `check-then-act race, Mutex`.
    pub fn topic(&self) -> String {
        let manifest = fs::read_to_string(self.folder.join("Cargo.toml")).unwrap_or_default();
        let description = manifest.lines().find_map(|line| line.strip_prefix("description = "));
        description.unwrap_or_default().trim().trim_matches('"').to_string()
    }

    /// The chapter to read before, as its README links to it: `docs/01-race-conditions.md`.
    pub fn chapter(&self) -> Option<String> {
        let readme = fs::read_to_string(self.folder.join("README.md")).ok()?;
        let (_, link) = readme.split_once("](../../docs/")?;
        let page = link.split([')', '#']).next()?;
        self.folder.join("../../docs").join(page).is_file().then(|| format!("docs/{page}"))
    }

    /// Whether the learner's file is still what was handed out.
    pub fn is_as_shipped(&self) -> bool {
        let text = |path: PathBuf| fs::read(path).ok().map(|bytes| without_returns(&bytes));
        text(self.file()).is_some_and(|mine| text(self.shipped()) == Some(mine))
    }
}

/// The same lines, whichever way they end: a checkout on Windows changes nothing.
fn without_returns(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|&byte| byte != b'\r').collect()
}
