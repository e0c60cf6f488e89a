//! Builds tests, and says where the outcome is.

use crate::process::{self, End, Listener};
use crate::{Result, Trouble};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// What cargo built.
#[derive(Debug, Default)]
pub struct Built {
    /// Test programs, by the name of their package.
    pub tests: BTreeMap<String, PathBuf>,
    /// Libraries, by the name that `--extern` gives them.
    pub libraries: BTreeMap<String, PathBuf>,
    /// Folders in which the libraries of libraries are, as `-L` wants them.
    pub search: BTreeSet<String>,
    /// Errors of the compiler, by the name of the package.
    pub errors: BTreeMap<String, Vec<Diagnostic>>,
    /// Its warnings.
    pub warnings: BTreeMap<String, Vec<Diagnostic>>,
    /// Whether everything was built.
    pub complete: bool,
    /// What cargo itself says.
    pub words: String,
}

/// An error or a warning of the compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Such as `E0425`, or the name of a lint; empty where there is none.
    pub code: String,
    /// In one line.
    pub message: String,
    /// As the compiler shows it.
    pub rendered: String,
    /// The file and the line that it is about.
    pub place: Option<(String, u64)>,
}

/// A command that is not influenced by the cargo that runs us: the variables that it sets are about this program.
pub fn command(program: impl Into<OsString>) -> Command {
    let mut command = Command::new(program.into());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let ours = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "INTERLEAVE_"];
        let single =
            ["CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "CARGO_TARGET_TMPDIR", "RUST_TEST_NOCAPTURE"];
        if ours.iter().any(|prefix| text.starts_with(prefix)) || single.contains(&&*text) {
            command.env_remove(&name);
        }
    }
    command.env("RUST_BACKTRACE", "0");
    command
}

/// The cargo that runs us, or the one that is found.
pub fn cargo(root: &Path) -> Command {
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What it says is told a learner line by line, or searched for an error.
    cargo.current_dir(root).env("CARGO_TERM_COLOR", "never");
    cargo
}

/// Builds the test `check` of these packages, as `cargo test -p …` does, and as many as can be built.
///
/// # Errors
/// When cargo cannot be started or does not come to an end.
pub fn build_checks(root: &Path, packages: &[String], limit: Duration) -> Result<Built> {
    build_checks_and_tell(root, packages, limit, None)
}

/// As [`build_checks`]; `listener` hears what cargo does meanwhile.
///
/// # Errors
/// When cargo cannot be started or does not come to an end.
pub fn build_checks_and_tell(
    root: &Path,
    packages: &[String],
    limit: Duration,
    listener: Option<&Listener>,
) -> Result<Built> {
    let mut cargo = cargo(root);
    cargo.args(["test", "--no-run", "--no-fail-fast", "--message-format=json", "--test", "check"]);
    cargo.args(packages.iter().flat_map(|package| ["-p", package]));
    let ran = process::run_and_tell(&mut cargo, limit, listener)
        .map_err(|why| Trouble::new("can't start cargo", why))?;
    let mut built = Built { complete: ran.end == End::Code(0), words: ran.stderr, ..Built::default() };
    if ran.end == End::OutOfTime {
        let what = format!("cargo hasn't finished after {} seconds", limit.as_secs());
        let locked = built.words.contains("Blocking waiting for file lock");
        let why = if locked { "it waits for another cargo in this workspace" } else { "it was stopped" };
        return Err(Trouble::new(what, why));
    }
    let messages = ran.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    for message in messages {
        built.take_in(&message);
    }
    Ok(built)
}

/// A folder for this program's own files, which `cargo clean` removes.
///
/// # Errors
/// When cargo cannot read the workspace.
pub fn target_folder(root: &Path) -> Result<PathBuf> {
    let folder = metadata(root)?["target_directory"].as_str().map(PathBuf::from);
    folder.ok_or_else(|| Trouble::new("cargo metadata", "the target folder is missing"))
}

/// The names by which each package uses others, from its manifest.
///
/// # Errors
/// When cargo cannot read the workspace.
pub fn dependencies(root: &Path) -> Result<BTreeMap<String, Vec<String>>> {
    let metadata = metadata(root)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let names = |package: &Value| {
        let used = package["dependencies"].as_array().into_iter().flatten();
        let used = used.filter(|used| used["kind"] != "build");
        used.filter_map(|used| Some(used["rename"].as_str().or(used["name"].as_str())?.replace('-', "_")))
            .collect()
    };
    Ok(packages.filter_map(|package| Some((package["name"].as_str()?.to_string(), names(package)))).collect())
}

fn metadata(root: &Path) -> Result<Value> {
    let mut cargo = cargo(root);
    cargo.args(["metadata", "--no-deps", "--format-version", "1"]);
    let ran = process::run(&mut cargo, Duration::from_secs(60))
        .map_err(|why| Trouble::new("can't start cargo", why))?;
    serde_json::from_str(&ran.stdout)
        .map_err(|_| Trouble::new("cargo can't read the workspace", reason(&ran.stderr)))
}

/// Whether a line of cargo's says that it is at work on something that can take long.
pub fn is_work(line: &str) -> bool {
    let verbs = ["Updating", "Locking", "Downloading", "Downloaded", "Compiling", "Blocking"];
    line.split_whitespace().next().is_some_and(|verb| verbs.contains(&verb))
}

/// What a complaint of cargo comes to, in one line: what it could not do, and the last of the causes.
pub fn reason(words: &str) -> String {
    let mut lines = words.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.clone().find(|line| line.starts_with("error"));
    let last = lines.next_back().unwrap_or("cargo doesn't say why");
    match first {
        Some(first) if first != last => format!("{first}: {last}"),
        _ => last.to_string(),
    }
}

impl Built {
    fn take_in(&mut self, message: &Value) {
        let package = message["package_id"].as_str().map(package_name).unwrap_or_default();
        match message["reason"].as_str() {
            Some("compiler-artifact") => {
                if let Some(program) = message["executable"].as_str() {
                    self.tests.insert(package, program.into());
                }
                let files = message["filenames"].as_array().into_iter().flatten().filter_map(Value::as_str);
                for file in files.map(Path::new).filter(|file| file.extension().is_some_and(|e| e == "rlib"))
                {
                    let name = message["target"]["name"].as_str().unwrap_or_default().replace('-', "_");
                    self.libraries.insert(name, file.to_path_buf());
                    let folder = file.parent().unwrap_or(file);
                    for folder in [folder.to_path_buf(), folder.join("deps")] {
                        self.search.insert(format!("dependency={}", folder.display()));
                    }
                }
            }
            Some("build-script-executed") => {
                let paths = message["linked_paths"].as_array().into_iter().flatten();
                self.search.extend(paths.filter_map(Value::as_str).map(str::to_string));
            }
            Some("compiler-message") => {
                let message = &message["message"];
                let level = message["level"].as_str().unwrap_or_default();
                let list = match level {
                    "warning" => &mut self.warnings,
                    _ if level.starts_with("error") => &mut self.errors,
                    _ => return,
                };
                if let Some(one) = Diagnostic::of(message) {
                    let all = list.entry(package).or_default();
                    // The library and its check both have what stands in src/lib.rs.
                    if !all.contains(&one) {
                        all.push(one);
                    }
                }
            }
            _ => {}
        }
    }
}

impl Diagnostic {
    /// Whether it is about this file.
    pub fn is_in(&self, file: &str) -> bool {
        self.place.as_ref().is_some_and(|(place, _)| place.ends_with(file))
    }

    /// Whether it is about something that is not there, or not as it is used.
    pub(crate) fn is_about_a_name_or_type(&self) -> bool {
        self.code.starts_with('E')
    }

    /// Why a part of std is private in a check: the comment on the line that makes it so.
    pub(crate) fn reason(&self) -> Option<&str> {
        let comments = self.rendered.lines().filter_map(|line| Some(line.split_once("// ")?.1));
        comments
            .filter(|_| self.code == "E0603")
            .find(|comment| comment.starts_with("interleave does not explore"))
    }

    /// What the compiler says, unless it only sums up what it has said.
    fn of(message: &Value) -> Option<Self> {
        let sums_up = |text: &str| text.starts_with("aborting due to") || text.ends_with(" emitted");
        let text = message["message"].as_str().filter(|text| !sums_up(text))?;
        let mut spans = message["spans"].as_array().into_iter().flatten();
        let mut span = spans.find(|span| span["is_primary"] == true);
        // Within a macro of std: where it is called.
        while let Some(caller) =
            span.map(|span| &span["expansion"]["span"]).filter(|caller| caller.is_object())
        {
            span = Some(caller);
        }
        let place =
            span.and_then(|s| Some((s["file_name"].as_str()?.to_string(), s["line_start"].as_u64()?)));
        let rendered = message["rendered"].as_str().unwrap_or(text).to_string();
        let code = message["code"]["code"].as_str().unwrap_or_default().to_string();
        Some(Diagnostic { code, message: text.to_string(), rendered, place })
    }
}

/// `path+file:///…/ex01-bank#0.1.0` and `registry+https://…#ureq@3.5.1` name a package each.
fn package_name(id: &str) -> String {
    let (before, after) = id.rsplit_once('#').unwrap_or((id, ""));
    let name = match after.split_once('@') {
        Some((name, _)) => name,
        None => before.rsplit('/').next().unwrap_or(before),
    };
    name.to_string()
}

#[cfg(test)]
mod tests {
    use super::{is_work, package_name, reason};

    #[test]
    fn work_is_told_from_what_is_done() {
        assert!(is_work("   Compiling libc v0.2.186"));
        assert!(is_work("    Blocking waiting for file lock on artifact directory"));
        assert!(!is_work("    Finished `test` profile [unoptimized] target(s) in 0.10s"));
        assert!(!is_work("  Executable tests/check.rs (target/debug/deps/check-1)"));
        assert!(!is_work(""));
    }

    #[test]
    fn a_complaint_of_many_lines_is_told_in_one() {
        let words = "error: failed to load manifest for `w`\n\nCaused by:\n  failed to parse it\n\nCaused by:\n  no such file\n";
        assert_eq!(reason(words), "error: failed to load manifest for `w`: no such file");
        assert_eq!(reason("error: no such command\n"), "error: no such command");
        assert_eq!(reason(""), "cargo doesn't say why");
    }

    #[test]
    fn a_package_is_named_in_three_ways() {
        assert_eq!(package_name("path+file:///w/exercises/ex01-bank#0.1.0"), "ex01-bank");
        assert_eq!(
            package_name("path+file:///w/solutions/ex01-bank#ex01-bank-solution@0.1.0"),
            "ex01-bank-solution"
        );
        assert_eq!(package_name("registry+https://github.com/rust-lang/crates.io-index#ureq@3.5.1"), "ureq");
    }
}
