//! How to see a failing run again: its schedule is kept in a file below the target folder.

use std::fs;
use std::path::{Path, PathBuf};

/// A schedule longer than this is only in the file.
const LONGEST_SHOWN: usize = 24;

/// The file for the test that runs on this thread, or for the program, if it is where cargo puts what it builds.
fn file() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let folder = program.parent()?;
    // From target/debug/deps, which has the tests, to target/debug, which has the programs.
    let profile = if is_of_a_test(&program) { folder.parent()? } else { folder };
    if !profile.join("deps").is_dir() {
        return None;
    }
    let target = std::env::var_os("CARGO_TARGET_TMPDIR").map(PathBuf::from);
    let target = target.or_else(|| Some(profile.parent()?.to_path_buf()))?;
    let package = package().unwrap_or_else(|| "tests".into());
    let own_name = || match is_of_a_test(&program) {
        true => "main".into(),
        false => program.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
    };
    let test = test_name().unwrap_or_else(own_name).replace("::", ".");
    Some(target.join("interleave").join(package).join(test))
}

fn is_of_a_test(program: &Path) -> bool {
    program.parent().is_some_and(|folder| folder.ends_with("deps"))
}

pub(super) fn package() -> Option<String> {
    std::env::var("CARGO_PKG_NAME").ok()
}

/// The test harness names a thread after its test; with one thread for all tests, it's the main thread.
pub(super) fn test_name() -> Option<String> {
    let thread = std::thread::current();
    thread.name().filter(|name| *name != "main" && !name.contains(char::is_whitespace)).map(str::to_string)
}

/// The schedule that `INTERLEAVE_REPLAY` asks for, for the check in this line of its file.
pub(crate) fn wanted(line: u32) -> Option<String> {
    let wanted = std::env::var_os("INTERLEAVE_REPLAY")?;
    let wanted = wanted.to_string_lossy().into_owned();
    let stored = match wanted == "last" {
        true => file().and_then(|file| fs::read_to_string(file).ok()).or_else(none_is_stored)?,
        false => wanted,
    };
    let stored = stored.trim();
    // A test may have several checks: only the one that failed is done again.
    match stored.split_once('@') {
        Some((schedule, at)) => (at == line.to_string()).then(|| schedule.into()),
        None => Some(stored.into()),
    }
}

/// Says that the check searches instead.
fn none_is_stored() -> Option<String> {
    eprintln!("INTERLEAVE_REPLAY=last: no failing run of this test is stored, so all runs are tried.");
    None
}

/// Keeps the schedule of a check that failed. Returns whether it's there now.
pub(crate) fn store(schedule: &str, line: u32) -> bool {
    let Some(file) = file() else { return false };
    let folder = file.parent().map(fs::create_dir_all);
    folder.is_some_and(|made| made.is_ok()) && fs::write(file, format!("{schedule}@{line}\n")).is_ok()
}

/// Forgets what is kept for a check that has passed with every interleaving it tried.
pub(crate) fn forget(line: u32) {
    let Some(file) = file() else { return };
    if fs::read_to_string(&file).is_ok_and(|stored| stored.trim().ends_with(&format!("@{line}"))) {
        let _ = fs::remove_file(page_beside(&file));
        let _ = fs::remove_file(file);
    }
}

/// Keeps the page of a check that failed, and returns where it is.
pub(crate) fn store_page(html: &str) -> Option<PathBuf> {
    let page = page_beside(&file()?);
    fs::create_dir_all(page.parent()?).ok()?;
    fs::write(&page, html).ok()?;
    Some(page)
}

/// Forgets the page of an earlier failure.
pub(crate) fn forget_page() {
    if let Some(file) = file() {
        let _ = fs::remove_file(page_beside(&file));
    }
}

fn page_beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_os_string();
    name.push(".html");
    name.into()
}

/// The command that runs the tests of the package, or the program.
pub(crate) fn command() -> String {
    let package = package().map(|package| format!(" -p {package}")).unwrap_or_default();
    let is_program = std::env::current_exe().is_ok_and(|program| !is_of_a_test(&program)) && file().is_some();
    format!("cargo {}{package}", if is_program { "run" } else { "test" })
}

/// How to do the run again; `None` if it can't be told in a short command.
pub(crate) fn hint(schedule: &str, line: u32, is_stored: bool) -> Option<String> {
    let is_short = schedule.len() <= LONGEST_SHOWN;
    if schedule.contains(char::is_whitespace) || !(is_stored || is_short && !schedule.is_empty()) {
        return None;
    }
    let value = if is_stored { "last".to_string() } else { format!("{schedule}@{line}") };
    let is_told = is_short && !schedule.is_empty();
    let short = if is_told { format!(" ({schedule})") } else { String::new() };
    let command = format!("    INTERLEAVE_REPLAY={value} {}", command());
    // Each test has its own run; the others are as they are.
    let test = test_name().map(|test| format!(" {test}")).unwrap_or_default();
    let test = if command.len() + test.len() > super::width() { "" } else { &test };
    Some(format!("This very run again{short}, to debug it or to try a change:\n{command}{test}"))
}
