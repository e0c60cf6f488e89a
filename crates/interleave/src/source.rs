//! The learner's own lines: where they are, what they say, and what they call things.

use crate::engine::{Loc, Told};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use std::sync::OnceLock;

/// A path as a person would write it: from the workspace, with forward slashes, without detours.
pub(crate) fn tidy(file: &str) -> String {
    let path = Path::new(file);
    let path = workspace().and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path);
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
fn workspace() -> Option<&'static Path> {
    // A report asks for it in every row.
    static WORKSPACE: OnceLock<Option<PathBuf>> = OnceLock::new();
    let find = || {
        let here = std::env::current_dir().ok()?;
        here.ancestors().find(|dir| dir.join("Cargo.lock").is_file()).map(Path::to_path_buf)
    };
    WORKSPACE.get_or_init(find).as_deref()
}

/// Whether the file is not the learner's: of the toolchain, of this crate, or of a library.
pub(crate) fn is_foreign(file: &str) -> bool {
    let file = file.replace('\\', "/");
    file.starts_with("/rustc/")
        || file.contains("/lib/rustlib/src/rust/")
        || file.contains("/registry/src/")
        || is_own(&file)
}

/// Whether the file is of this crate.
pub(crate) fn is_own(file: &str) -> bool {
    let own = file!().replace('\\', "/");
    file.starts_with(own.trim_end_matches("source.rs"))
        || file.starts_with(concat!(env!("CARGO_MANIFEST_DIR"), "/src/"))
}

/// The place itself if it is the learner's; otherwise, where std's own code is the caller (`inbox.iter().sum()`), the learner's line
/// that has called std, if the program has debug information. Slow: for runs that are recorded only.
pub(crate) fn learners_place(loc: Loc) -> Loc {
    if !is_foreign(loc.file()) {
        return loc;
    }
    let known = PLACES.with_borrow(|places| match places.len() {
        MOST_PLACES.. => places.iter().rfind(|known| **known == loc).copied(),
        _ => None,
    });
    if let Some(known) = known {
        return known;
    }
    // Each frame that has a place is followed by a line `at file:line:column`, with the whole path in the alternate form.
    let frames = format!("{:#}", std::backtrace::Backtrace::force_capture());
    let place = |line: &str| {
        let mut parts = line.trim().strip_prefix("at ")?.rsplitn(3, ':');
        let (_column, line, file) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
        (!is_foreign(file) && Path::new(file).is_file()).then(|| Told { file: tidy(file), line })
    };
    let told = frames.lines().find_map(place);
    let found = told.map_or(loc, |told| loc.told_as(Box::leak(Box::new(told))));
    PLACES.with_borrow_mut(|places| places.push(found));
    found
}

/// The learner's line that drops what the caller is about to drop, in a run that is recorded; otherwise, or if it can't be
/// found, `otherwise`.
#[track_caller]
pub(crate) fn place_of_drop(otherwise: Loc) -> Loc {
    if !crate::engine::recording() || PLACES.with_borrow(|places| places.len() >= MOST_PLACES) {
        return otherwise;
    }
    let place = learners_place(Loc::caller());
    if is_foreign(place.file()) { otherwise } else { place }
}

/// So many places of one run are looked for; then those are taken that std's code was last called from.
const MOST_PLACES: usize = 500;

thread_local! {
    /// Those that were found in the run that is under way.
    static PLACES: RefCell<Vec<Loc>> = const { RefCell::new(vec![]) };
}

/// A run is over.
pub(crate) fn after_run() {
    PLACES.take();
}

/// The lines of a file, as the compiler names it.
fn lines(file: &'static str) -> Option<Rc<[String]>> {
    thread_local! {
        static FILES: RefCell<HashMap<&'static str, Option<Rc<[String]>>>> = RefCell::default();
    }
    let read = || {
        let here = std::env::current_dir().ok()?;
        let found = here.ancestors().map(|dir| dir.join(file)).find(|path| path.is_file())?;
        Some(std::fs::read_to_string(found).ok()?.lines().map(str::to_owned).collect())
    };
    FILES.with_borrow_mut(|files| files.entry(file).or_insert_with(read).clone())
}

fn line(loc: Loc) -> Option<String> {
    lines(loc.file())?.get(loc.line() as usize - 1).cloned()
}

/// Whether the file asks how many references there are, which is std's own answer and no step.
pub(crate) fn names_reference_counts(file: &'static str) -> bool {
    const QUESTIONS: [&str; 8] = [
        "Arc::try_unwrap(",
        "Arc::into_inner(",
        "Arc::unwrap_or_clone(",
        "Arc::get_mut(",
        "Arc::make_mut(",
        "Arc::strong_count(",
        "Arc::weak_count(",
        ".upgrade()",
    ];
    let asks = |line: &String| {
        let code = line.split("//").next().unwrap_or_default();
        QUESTIONS.iter().any(|question| code.contains(question))
    };
    thread_local! {
        // A specification's check asks for every one of its scenarios.
        static ANSWERS: RefCell<HashMap<&'static str, bool>> = RefCell::default();
    }
    let look = || lines(file).is_some_and(|lines| lines.iter().any(asks));
    ANSWERS.with_borrow_mut(|answers| *answers.entry(file).or_insert_with(look))
}

/// The text of the line, without its indentation; empty when the source is not at hand.
pub(crate) fn text(loc: Loc) -> String {
    line(loc).map(|line| line.trim().to_string()).unwrap_or_default()
}

/// What the line that makes a thing calls it: `let total = Arc::new(Mutex::new(0))` makes `total`.
pub(crate) fn binding(loc: Loc) -> Option<String> {
    let line: Vec<char> = line(loc)?.chars().collect();
    let (before, after) = line.split_at_checked(loc.column() as usize - 1)?;
    name_in(before, after)
}

/// The name that the text around a constructor binds: from the inside out, that of the first bracket which is given a name.
fn name_in(before: &[char], after: &[char]) -> Option<String> {
    let (mut index, mut nth) = (None, 0);
    let mut inside = before;
    for level in 0.. {
        let (place, open) = place_in_brackets(inside);
        let start = place
            .iter()
            .rposition(|&c| matches!(c, '{' | ';' | ',' | '|' | '(' | '['))
            .map_or(0, |at| at + 1);
        if let Some(name) = nth_of_pair(inside, nth).or_else(|| bound_by(&place[start..])) {
            return Some(match index {
                Some(index) => format!("{name}[{index}]"),
                None => name,
            });
        }
        let open = open?;
        nth = commas_in(&inside[open + 1..]);
        // accounts: [Mutex::new(0), Mutex::new(0)], but not [Mutex::new(0); 2], which is one place for both
        if inside[open] == '[' && !is_repeated(after, level) {
            index = Some(nth);
        }
        inside = &inside[..open];
    }
    None
}

/// `let (sender, receiver) = channel()` calls a channel by its first name, `let (a, b) = (Mutex::new(0), Mutex::new(0))` each lock
/// by its own.
fn nth_of_pair(before: &[char], nth: usize) -> Option<String> {
    let before: String = before.iter().collect();
    let (_, names) = before.trim_end().strip_suffix(") =")?.rsplit_once("let (")?;
    Some(names.split(',').nth(nth)?.trim().trim_start_matches("mut ").to_string())
}

/// The text as far as it is not within brackets that are closed again, and where the innermost open bracket is.
fn place_in_brackets(text: &[char]) -> (Vec<char>, Option<usize>) {
    let mut outside = vec![];
    let mut depth = 0;
    for (at, &c) in text.iter().enumerate().rev() {
        match c {
            ')' | ']' | '}' => depth += 1,
            '(' | '[' | '{' if depth > 0 => depth -= 1,
            '(' | '[' | '{' => return (outside.into_iter().rev().collect(), Some(at)),
            _ if depth == 0 => outside.push(c),
            _ => {}
        }
    }
    (outside.into_iter().rev().collect(), None)
}

fn commas_in(text: &[char]) -> usize {
    place_in_brackets(text).0.iter().filter(|&&c| c == ',').count()
}

/// Whether what follows a constructor says, so many brackets further out, that it is done several times: `Mutex::new(0); 2]`.
fn is_repeated(after: &[char], mut brackets: i32) -> bool {
    for c in after {
        match c {
            '(' | '[' | '{' => brackets += 1,
            ')' | ']' | '}' if brackets == 0 => return false,
            ')' | ']' | '}' => brackets -= 1,
            ',' if brackets == 0 => return false,
            ';' if brackets == 0 => return true,
            _ => {}
        }
    }
    false
}

/// The name left of `=` or of a single `:`.
fn bound_by(text: &[char]) -> Option<String> {
    let text: String = text.iter().collect();
    let text = text.replace("::", "  ");
    let (left, _) = text.split_once([':', '='])?;
    let name = left.trim().rsplit(' ').next()?;
    let is_name = |name: &str| name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.is_empty();
    (is_name(name) && name != "let").then(|| name.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_called_what_their_line_calls_them() {
        let cases = [
            ("        Account { balance: ^Mutex::new(balance) }", Some("balance")),
            ("    let total = Arc::new(^Mutex::new(0));", Some("total")),
            (
                "    let (data, ready) = (Arc::new(AtomicU32::new(0)), Arc::new(^AtomicU32::new(0)));",
                Some("ready"),
            ),
            ("    let mut first = ^Mutex::new(0);", Some("first")),
            ("    static TOTAL: Mutex<u32> = ^Mutex::new(0);", Some("TOTAL")),
            ("        Ledger { accounts: vec![], lock: ^Mutex::new(()) }", Some("lock")),
            ("        Bank { accounts: [^Mutex::new(of[0]), Mutex::new(of[1])] }", Some("accounts[0]")),
            ("        Bank { accounts: [Mutex::new(of[0]), ^Mutex::new(of[1])] }", Some("accounts[1]")),
            ("        Bank { accounts: [(); 2].map(|()| ^Mutex::new(0)) }", Some("accounts")),
            ("    let seats = [const { ^Mutex::new(0) }; 5];", Some("seats")),
            ("    let seats = vec![Arc::new(^Mutex::new(1)), Arc::new(Mutex::new(2))];", Some("seats[0]")),
            ("    let shared = std::sync::Arc::new((Mutex::new(0), ^Condvar::new()));", Some("shared")),
            ("        let (lines, inbox) = ^mpsc::channel();", Some("lines")),
            ("        let (lines, inbox) = Some(^mpsc::channel());", None),
            ("    let (a, mut b) = ([^Mutex::new(0), Mutex::new(0)], Mutex::new(0));", Some("a[0]")),
            ("    let (a, mut b) = ([Mutex::new(0), Mutex::new(0)], ^Mutex::new(0));", Some("b")),
            ("        ^Mutex::new(0)", None),
            ("    (^Mutex::new(0), Condvar::new())", None),
        ];
        for (line, name) in cases {
            let (before, after) = line.split_once('^').unwrap();
            let (before, after): (Vec<char>, Vec<char>) = (before.chars().collect(), after.chars().collect());
            assert_eq!(name_in(&before, &after).as_deref(), name, "{line:?}");
        }
    }

    #[test]
    fn paths_are_tidied() {
        assert_eq!(tidy("tests/../src/a.rs"), "src/a.rs");
        assert_eq!(tidy("./b.rs"), "b.rs");
        assert_eq!(tidy("../c.rs"), "../c.rs");
    }
}
