//! The page that a check writes of its failing run, and a browser for it.

use crate::exercises::{Exercise, Workshop};
use crate::{Result, cargo};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The page of a failing run.
#[derive(Debug)]
pub struct Page<'a> {
    /// Whose check has failed.
    pub exercise: &'a Exercise,
    /// Where the page is.
    pub file: PathBuf,
    /// The exercise's file was changed after the page was written.
    pub is_old: bool,
}

/// Returns the newest page of this exercise, or of any; `None` if there is none.
///
/// # Errors
/// When cargo doesn't say where it builds.
pub fn last_page<'a>(workshop: &'a Workshop, exercise: Option<&'a Exercise>) -> Result<Option<Page<'a>>> {
    let pages = cargo::target_folder(&workshop.root)?.join("interleave");
    let wanted = workshop.exercises.iter().filter(|one| exercise.is_none_or(|exercise| exercise == *one));
    let all = wanted.flat_map(|exercise| {
        let of_exercise = fs::read_dir(pages.join(&exercise.name)).into_iter().flatten();
        let files = of_exercise.filter_map(|entry| Some(entry.ok()?.path()));
        let files = files.filter(|file| file.extension().is_some_and(|extension| extension == "html"));
        files.filter_map(move |file| Some((changed(&file)?, exercise, file)))
    });
    let last = all.max_by_key(|(when, ..)| *when);
    Ok(last.map(|(when, exercise, file)| {
        let is_old = changed(&exercise.file()).is_some_and(|edited| edited > when);
        Page { exercise, file, is_old }
    }))
}

/// Returns the page that a test of this program has written since `begun`, and makes it the newest one: several tests may fail
/// at the same time, and the one that a learner is told about is the one to be shown.
pub(crate) fn page_of_test(
    program: &Path,
    exercise: &Exercise,
    test: &str,
    begun: SystemTime,
) -> Option<PathBuf> {
    // From target/debug/deps to target, as interleave does.
    let target = program.ancestors().nth(3)?;
    let name = format!("{}.html", test.replace("::", "."));
    let page = target.join("interleave").join(&exercise.name).join(name);
    // A file system may keep whole seconds only.
    changed(&page).filter(|when| *when + Duration::from_secs(2) > begun)?;
    let _ =
        fs::File::options().append(true).open(&page).and_then(|page| page.set_modified(SystemTime::now()));
    Some(page)
}

fn changed(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).ok()?.modified().ok()
}

/// Whether the check of the exercise explores interleavings. With real sockets it can't, so it has no run to show.
pub fn has_pages(exercise: &Exercise) -> bool {
    let check = fs::read_to_string(exercise.check()).unwrap_or_default();
    !check.contains("interleave::live") && !check.contains("std::live")
}

/// Opens the file in the browser that `BROWSER` names, or in the system's. Returns whether that was possible.
pub fn open(file: &Path) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if set("BROWSER") {
        let browser = std::env::var("BROWSER").unwrap_or_default();
        return open::with_detached(file, browser).is_ok();
    }
    // Without a screen, what opens files would look for a browser that draws on the terminal.
    let has_screen = !cfg!(unix)
        || cfg!(target_os = "macos")
        || ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"].into_iter().any(set);
    has_screen && open::that_detached(file).is_ok()
}
