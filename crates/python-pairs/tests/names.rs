//! The page "From Python's threading" tells of every public name that the installed Python has, and of no other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::Command;

use docs_check::output::PYTHON;

type Version = (u32, u32);

/// The newest Python that the page was compared with. A newer one may have names that it does not know.
const NEWEST: Version = (3, 13);

/// What a Python says that it has: `threading Lock.acquire`, and so on.
struct Python {
    version: Version,
    names: BTreeSet<String>,
}

impl Python {
    fn read(text: &str) -> Self {
        let mut lines = text.lines();
        let version =
            lines.next().and_then(|line| line.strip_prefix("version ")).expect("the version comes first");
        let (major, minor) = version.split_once(' ').expect("two numbers");
        let version = (major.parse().expect("a number"), minor.parse().expect("a number"));
        Self { version, names: lines.map(str::to_owned).collect() }
    }

    fn installed() -> Option<Self> {
        let mut python = Command::new((*PYTHON)?);
        let said = python.args(["-c", include_str!("names.py")]).output().expect("it has just answered");
        assert!(said.status.success(), "names.py: {}", String::from_utf8_lossy(&said.stderr));
        Some(Self::read(&String::from_utf8_lossy(&said.stdout)))
    }
}

/// The names in the first column of the page's tables, each with the versions that have it.
fn told(page: &str) -> BTreeMap<String, RangeInclusive<Version>> {
    let mut names = BTreeMap::new();
    let mut module = "";
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            module =
                heading.strip_prefix('`').and_then(|heading| heading.split('`').next()).unwrap_or_default();
        }
        let Some(first) = line.strip_prefix("| `").and_then(|row| row.split(" | ").next()) else { continue };
        if module.is_empty() {
            continue;
        }
        // `a`, `b` (3.12+): names are between backticks, and what follows one may say which versions have it.
        let parts: Vec<&str> = first.split('`').collect();
        for pair in parts.chunks(2) {
            let &[name, behind] = pair else { panic!("a backtick is missing: {line}") };
            let name = format!("{module} {name}");
            let versions = versions(behind).unwrap_or_else(|| panic!("`{behind}` is no version: {line}"));
            assert!(names.insert(name.clone(), versions).is_none(), "{name} is told twice");
        }
    }
    names
}

/// `(3.12+)`, `(to 3.8)`, or nothing for every version.
fn versions(behind: &str) -> Option<RangeInclusive<Version>> {
    let version = |text: &str| -> Option<Version> {
        let (major, minor) = text.split_once('.')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    };
    let behind = behind.trim().trim_end_matches(',').trim();
    if behind.is_empty() {
        return Some((0, 0)..=(99, 0));
    }
    let behind = behind.strip_prefix('(')?.strip_suffix(')')?;
    match behind.strip_suffix('+') {
        Some(since) => Some(version(since)?..=(99, 0)),
        None => Some((0, 0)..=version(behind.strip_prefix("to ")?)?),
    }
}

/// Names that the page does not tell of, and names that it tells of and this Python does not have.
fn differences(told: &BTreeMap<String, RangeInclusive<Version>>, python: &Python) -> Vec<String> {
    let has = |name: &str| told.get(name).is_some_and(|versions| versions.contains(&python.version));
    // Of `socket`, the page tells what the chapters need; what it tells must be there.
    let is_optional = |name: &str| name.starts_with("socket ");
    let mut found = Vec::new();
    for name in python.names.iter().filter(|name| !has(name) && !is_optional(name)) {
        found.push(format!("Python has `{name}`, and the page does not tell of it"));
    }
    for (name, versions) in told {
        if versions.contains(&python.version) && !python.names.contains(name) {
            found.push(format!("the page tells of `{name}`, and Python does not have it"));
        }
    }
    found
}

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/from-python.md");
    fs::read_to_string(path).expect("docs/from-python.md is there")
}

/// Straight to stderr: the harness would show it only for a test that fails.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "python-pairs: {line}");
}

#[test]
fn the_page_tells_of_every_public_name() {
    let told = told(&page());
    for module in ["threading", "concurrent.futures", "queue", "socket"] {
        let is_of_it = |name: &&String| name.split(' ').next() == Some(module);
        assert!(told.keys().filter(is_of_it).count() > 9, "the page has a table of `{module}`");
    }
    let Some(python) = Python::installed() else {
        say("SKIPPED the_page_tells_of_every_public_name: no python3 of 3.8 or newer was found");
        return;
    };
    let found = differences(&told, &python);
    let (major, minor) = python.version;
    if python.version > NEWEST {
        // A newer Python than the page knows is no fault of whoever installed it.
        say(&format!("Python {major}.{minor} is newer than docs/from-python.md; different: {found:?}"));
        return;
    }
    assert!(found.is_empty(), "docs/from-python.md and Python {major}.{minor}:\n{}", found.join("\n"));
}

#[test]
fn a_name_that_is_missing_or_too_many_is_found() {
    let page = "# Page\n\n| `of no module` | |\n\n## `threading`: threads\n\n| Python | Rust |\n|---|---|\n\
                | `Lock`, `Lock.acquire` | `a | b` |\n| `isAlive` (to 3.8), `new` (3.12+) | |\n\n\
                ## `socket`\n\n| `bind` | |\n\n## Words\n\n| `no name` | |\n";
    let told = told(page);
    let names: Vec<&str> = told.keys().map(String::as_str).collect();
    let all =
        ["socket bind", "threading Lock", "threading Lock.acquire", "threading isAlive", "threading new"];
    assert_eq!(names, all);

    let python = |text: &str| Python::read(text);
    let good = "version 3 10\nthreading Lock\nthreading Lock.acquire\nsocket bind\nsocket listen\n";
    assert_eq!(differences(&told, &python(good)), [""; 0]);
    let older = good.replace("3 10", "3 8") + "threading isAlive\n";
    assert_eq!(differences(&told, &python(&older)), [""; 0]);
    let more = differences(&told, &python(&(good.to_owned() + "threading isAlive\nqueue Queue\n")));
    assert_eq!(
        more,
        [
            "Python has `queue Queue`, and the page does not tell of it",
            "Python has `threading isAlive`, and the page does not tell of it"
        ]
    );
    let fewer = differences(&told, &python(&good.replace("3 10", "3 12").replace("socket bind\n", "")));
    assert_eq!(
        fewer,
        [
            "the page tells of `socket bind`, and Python does not have it",
            "the page tells of `threading new`, and Python does not have it"
        ]
    );
}
