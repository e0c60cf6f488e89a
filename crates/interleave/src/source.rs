//! The learner's own lines: where they are, what they say, and what they call things.

use crate::engine::{Loc, Told};
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::Location;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

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
    let key = REMEMBERED.with_borrow(Option::is_some).then(|| (seen_so_far(), loc.called()));
    let remembered = |key| REMEMBERED.with_borrow(|all| all.as_ref()?.places.get(&key).copied());
    if let Some(known) = key.and_then(remembered) {
        return known;
    }
    if REMEMBERED.with_borrow(|all| all.as_ref().is_some_and(|all| all.places.len() >= all.most)) {
        REMEMBERED.with_borrow_mut(|all| all.as_mut().map(|all| all.is_short = true));
        return loc;
    }
    HAS_LOADED.store(true, Relaxed);
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
    if let Some(key) = key {
        REMEMBERED.with_borrow_mut(|all| all.as_mut().map(|all| all.places.insert(key, found)));
    }
    found
}

/// What the running thread has done and found in this run, which decides where it is.
fn seen_so_far() -> u64 {
    let mut hasher = DefaultHasher::new();
    crate::engine::world(|w| {
        w.current.hash(&mut hasher);
        for e in w.log.iter().filter(|e| e.who == w.current) {
            (e.verb, e.loc.map(Loc::called), &e.before, e.woken as u8).hash(&mut hasher);
        }
    });
    hasher.finish()
}

/// A backtrace was looked at in this process.
static HAS_LOADED: AtomicBool = AtomicBool::new(false);

/// The places of runs of one scenario, by what the thread had seen and what it called.
struct Remembered {
    places: HashMap<(u64, &'static Location<'static>), Loc>,
    most: usize,
    is_short: bool,
}

/// From now on, until the guard is dropped, runs of one scenario are recorded. Where a thread has seen what it has seen in an
/// earlier run, it is where it was then, so that not every run has to look at backtraces: one takes a millisecond. At most
/// this many are looked at; none if it were the first of the process, which takes 100 milliseconds, because all that is known
/// of the program has to be loaded for it.
pub(crate) fn remember_places(most: usize) -> Remembering {
    let most = if HAS_LOADED.load(Relaxed) { most } else { 0 };
    REMEMBERED.set(Some(Remembered { places: HashMap::new(), most, is_short: false }));
    Remembering
}

/// Ends what [`remember_places`] begins.
pub(crate) struct Remembering;

impl Remembering {
    /// Whether there were more places to be looked for.
    pub(crate) fn is_short(&self) -> bool {
        REMEMBERED.with_borrow(|all| all.as_ref().is_some_and(|all| all.is_short))
    }
}

impl Drop for Remembering {
    fn drop(&mut self) {
        REMEMBERED.take();
    }
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
    /// Those that were found in earlier runs, if they are remembered.
    static REMEMBERED: RefCell<Option<Remembered>> = const { RefCell::new(None) };
    /// Those that were found in the run that is under way.
    static PLACES: RefCell<Vec<Loc>> = const { RefCell::new(vec![]) };
}

/// A run is over.
pub(crate) fn after_run() {
    PLACES.take();
}

/// The lines of a file, by the path that the compiler or [`tidy`] gives it.
pub(crate) fn lines(file: &str) -> Option<Rc<[String]>> {
    thread_local! {
        static FILES: RefCell<HashMap<String, Option<Rc<[String]>>>> = RefCell::default();
    }
    if let Some(known) = FILES.with_borrow(|files| files.get(file).cloned()) {
        return known;
    }
    let read = || {
        let here = std::env::current_dir().ok()?;
        let found = here.ancestors().map(|dir| dir.join(file)).find(|path| path.is_file())?;
        Some(std::fs::read_to_string(found).ok()?.lines().map(str::to_owned).collect())
    };
    FILES.with_borrow_mut(|files| files.entry(file.into()).or_insert_with(read).clone())
}

/// The numbers of the first and the last line of the function that has this line, or of what is around the line, should the
/// function be long or hard to find.
pub(crate) fn function_around(lines: &[String], line: usize) -> (usize, usize) {
    const LONGEST: usize = 80;
    const AROUND: usize = 8;
    let indent = |text: &str| text.len() - text.trim_start().len();
    let at = line.clamp(1, lines.len().max(1)) - 1;
    let own = lines.get(at).map_or(0, |text| indent(text));
    let opens = |text: &str| {
        let begins = ["fn ", "pub ", "pub(", "async ", "const ", "unsafe ", "extern "];
        let head = text.trim_start().split('{').next().unwrap_or_default();
        begins.iter().any(|word| head.starts_with(word)) && head.contains("fn ")
    };
    // What is dropped at the end of a function is dropped in the line of its brace.
    let deepest = own + usize::from(lines.get(at).is_some_and(|text| text.trim_start().starts_with('}')));
    let is_head = |&n: &usize| opens(&lines[n]) && (n == at || indent(&lines[n]) < deepest);
    let head = (at.saturating_sub(LONGEST)..=at).rev().filter(|&n| n < lines.len()).find(is_head);
    let found = head.and_then(|head| {
        let deep = indent(&lines[head]);
        let closes = |text: &String| text.trim_start().starts_with('}') && indent(text) == deep;
        let length = lines[head..].iter().take(LONGEST).position(closes)?;
        (head + length >= at).then_some((head + 1, head + length + 1))
    });
    found.unwrap_or((at.saturating_sub(AROUND) + 1, (at + AROUND + 1).min(lines.len().max(1))))
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
    fn a_line_is_shown_with_its_function() {
        let text = "\
mod bank {
    // A fn in a comment.
    pub fn balance(&self) -> i64 {
        *self.0.lock().unwrap()
    }

    pub(crate) fn withdraw<F>(
        &self,
    ) -> bool {
        let pay = || {
            spend(1);
        };
        pay();
        true
    }
}
const TOTAL: u32 = {
    1
};";
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let around = |line| function_around(&lines, line);
        assert_eq!([around(3), around(4), around(5)], [(3, 5); 3]);
        assert_eq!([around(7), around(11), around(14)], [(7, 15); 3]);
        // In no function: what is around it.
        assert_eq!(around(18), (10, 19));
        assert_eq!(function_around(&[], 3), (1, 1));
    }

    #[test]
    fn paths_are_tidied() {
        assert_eq!(tidy("tests/../src/a.rs"), "src/a.rs");
        assert_eq!(tidy("./b.rs"), "b.rs");
        assert_eq!(tidy("../c.rs"), "../c.rs");
    }
}
