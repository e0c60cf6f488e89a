//! The learner's own lines: where they are, what they say, and what they call things.

use crate::engine::Loc;
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

/// A path as a person would write it: from the workspace, with forward slashes, without detours.
pub(crate) fn tidy(file: &str) -> String {
    let path = Path::new(file);
    let root = workspace();
    let path = root.as_deref().and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path);
    let mut parts: Vec<String> = vec![];
    for part in path.components() {
        match part {
            Component::ParentDir if parts.last().is_some_and(|p| p != ".." && !p.is_empty()) => {
                parts.pop();
            }
            Component::CurDir => {}
            Component::RootDir => parts.push(String::new()),
            part => parts.push(part.as_os_str().to_string_lossy().into_owned()),
        }
    }
    parts.join("/")
}

/// The last part of a path.
pub(crate) fn file_name(file: &str) -> String {
    Path::new(file).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The folder above the current one that has the lock file: the compiler names files from there.
fn workspace() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().find(|dir| dir.join("Cargo.lock").is_file()).map(Path::to_path_buf)
}

fn line(loc: Loc) -> Option<String> {
    thread_local! {
        static FILES: RefCell<HashMap<&'static str, Option<Rc<[String]>>>> = RefCell::default();
    }
    let read = || {
        let here = std::env::current_dir().ok()?;
        let found = here.ancestors().map(|dir| dir.join(loc.file())).find(|path| path.is_file())?;
        Some(std::fs::read_to_string(found).ok()?.lines().map(str::to_owned).collect())
    };
    let lines = FILES.with_borrow_mut(|files| files.entry(loc.file()).or_insert_with(read).clone());
    lines?.get(loc.line() as usize - 1).cloned()
}

/// The text of the line, without its indentation; empty when the source is not at hand.
pub(crate) fn text(loc: Loc) -> String {
    line(loc).map(|line| line.trim().to_string()).unwrap_or_default()
}

/// What the line that makes a thing calls it: `let total = Arc::new(Mutex::new(0))` makes `total`.
pub(crate) fn binding(loc: Loc) -> Option<String> {
    let line = line(loc)?;
    let before: String = line.chars().take(loc.column() as usize - 1).collect();
    name_in(&before)
}

/// The name that the text left of a constructor binds.
fn name_in(before: &str) -> Option<String> {
    let mut before = before.to_string();
    for wrapper in ["std::", "sync::", "atomic::", "Arc::new(", "Rc::new(", "Box::new(", "Some("] {
        before = before.replace(wrapper, "");
    }
    let depth = |s: &str| s.matches('(').count() as i64 - s.matches(')').count() as i64;
    if let Some((left, right)) = before.split_once(") = (") {
        // let (a, b) = (Mutex::new(0), Mutex::new(0))
        let names: Vec<&str> = left.rsplit('(').next()?.split(',').map(str::trim).collect();
        let nth = right.match_indices(',').filter(|(i, _)| depth(&right[..*i]) <= 0).count();
        return names.get(nth).map(|name| name.trim_start_matches("mut ").to_string());
    }
    let before = before.trim_end().trim_end_matches('=').trim_end();
    let last = before.rsplit(['{', ';', ',', '|', '(']).next()?;
    let name = last.split([':', '=']).next()?.trim();
    let name = name.rsplit(' ').next()?.trim_matches(|c: char| !(c.is_alphanumeric() || c == '_'));
    let is_name = |name: &str| name.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
    (is_name(name) && !["new", "return", "mut", "static", "let"].contains(&name)).then(|| name.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_called_what_their_line_calls_them() {
        let cases = [
            ("        Account { balance: ", Some("balance")),
            ("    let total = Arc::new(", Some("total")),
            ("    let (data, ready) = (Arc::new(AtomicU32::new(0)), Arc::new(", Some("ready")),
            ("    let mut first = ", Some("first")),
            ("    static TOTAL: Mutex<u32> = ", Some("TOTAL")),
            ("        Ledger { accounts: vec![], lock: ", Some("lock")),
            ("        ", None),
            ("    (", None),
        ];
        for (before, name) in cases {
            assert_eq!(name_in(before).as_deref(), name, "{before:?}");
        }
    }

    #[test]
    fn paths_are_tidied() {
        assert_eq!(tidy("tests/../src/a.rs"), "src/a.rs");
        assert_eq!(tidy("./b.rs"), "b.rs");
        assert_eq!(tidy("../c.rs"), "../c.rs");
    }
}
