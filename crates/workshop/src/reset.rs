//! Brings back the file that an exercise begins with, and shows what is different in the solution.

use crate::exercises::Exercise;
use crate::progress::replace;
use crate::{Result, Trouble};
use similar::TextDiff;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

/// What a reset has done.
#[derive(Debug, PartialEq, Eq)]
pub enum Reset {
    /// The file was as shipped already.
    Nothing,
    /// There was no file.
    Restored,
    /// The learner's version is kept here.
    Kept(PathBuf),
}

/// Brings back the file as shipped; the learner's version is kept beside it.
///
/// # Errors
/// When a file cannot be read or written; the learner's version is then where it was.
pub fn reset(exercise: &Exercise) -> Result<Reset> {
    let file = exercise.file();
    let shipped =
        fs::read(exercise.shipped()).map_err(|why| Trouble::new(exercise.shipped().display(), why))?;
    if exercise.is_as_shipped() {
        return Ok(Reset::Nothing);
    }
    let kept = match fs::read(&file) {
        Ok(mine) => Some(keep(exercise, &mine).map_err(|why| Trouble::new("can't keep your version", why))?),
        Err(why) if why.kind() == io::ErrorKind::NotFound => None,
        Err(why) => return Err(Trouble::new(file.display(), why)),
    };
    replace(&file, &shipped).map_err(|why| Trouble::new(file.display(), why))?;
    Ok(kept.map_or(Reset::Restored, Reset::Kept))
}

/// Writes `mine` to the first free name of `lib.mine.1.rs`, `lib.mine.2.rs` and so on.
fn keep(exercise: &Exercise, mine: &[u8]) -> io::Result<PathBuf> {
    for number in 1.. {
        let path = exercise.file().with_file_name(format!("lib.mine.{number}.rs"));
        // Only a file that was not there before is written: two resets at once keep two versions.
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(mine)?;
                file.sync_all()?;
                return Ok(path);
            }
            Err(why) if why.kind() == io::ErrorKind::AlreadyExists => {}
            Err(why) => return Err(why),
        }
    }
    unreachable!("there is always another number")
}

/// The learner's file against the solution, as a unified diff; empty when they are the same.
///
/// # Errors
/// When one of them cannot be read.
pub fn diff(exercise: &Exercise) -> Result<String> {
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).map_err(|why| Trouble::new(path.display(), why))?;
        Ok(text.replace("\r\n", "\n"))
    };
    let (mine, solution) = (read(exercise.file())?, read(exercise.solved())?);
    let name = &exercise.name;
    let names = [format!("exercises/{name}/src/lib.rs"), format!("solutions/{name}/src/lib.rs")];
    Ok(TextDiff::from_lines(&mine, &solution)
        .unified_diff()
        .context_radius(3)
        .header(&names[0], &names[1])
        .to_string())
}
