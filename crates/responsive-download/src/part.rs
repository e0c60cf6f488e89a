//! `NAME.part`, the beginning of a file, and `NAME.part-tag`, the note of what it is the
//! beginning of.
//!
//! Three promises hold at whatever moment the process is killed:
//!
//! * A part that holds bytes has a note that was written before the first of them. So a
//!   part with bytes and without a note is someone else's file, and it is left alone.
//! * One process at a time holds the part, by a lock on the file itself. The system
//!   releases the lock when the process ends, however it ends.
//! * The locked file is the one that the name leads to. Between opening and locking it,
//!   another process may have given it its final name. So the name is checked again once
//!   the lock is held, and once more before the file gets its final name.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use same_file::Handle;
use tempfile::TempPath;

use crate::resume::{Have, Version, from_note, to_note};

/// The longest name that a file may have for there to be room for `.part-tag` as well.
pub const LONGEST_NAME: usize = 255 - ".part-tag".len();

/// A part that this process holds the lock of.
#[derive(Debug)]
pub(crate) struct Part {
    path: PathBuf,
    note: PathBuf,
    file: File,
}

impl Part {
    /// Opens or makes the part of the file `path`, and locks it.
    pub(crate) fn lock(path: &Path) -> io::Result<Part> {
        let (path, note) = (beside(path, ".part"), beside(path, ".part-tag"));
        loop {
            // Looked at first: opening a pipe would wait, and opening a link would follow it.
            regular_file(&path).map_err(|why| about(&path, &why))?;
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
            let part = Part {
                path: path.clone(),
                note: note.clone(),
                file: file.map_err(|why| about(&path, &why))?,
            };
            if part.is_ours_now()? {
                return Ok(part);
            }
        }
    }

    /// Locks the file that was opened. `false` means that the name leads to another file by
    /// now: another process has finished this one, or removed it.
    fn is_ours_now(&self) -> io::Result<bool> {
        match self.file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let why =
                    format!("another download of this file is running, and holds {}", self.path.display());
                return Err(io::Error::new(ErrorKind::ResourceBusy, why));
            }
            Err(TryLockError::Error(why)) => return Err(about(&self.path, &why)),
        }
        if !self.is_at_its_name()? {
            return Ok(false);
        }
        if self.file.metadata()?.len() > 0 && !exists(&self.note) {
            let why = format!("{} exists and wasn't left by this program: move it away", self.path.display());
            return Err(io::Error::new(ErrorKind::AlreadyExists, why));
        }
        Ok(true)
    }

    /// Whether the name leads to the file that is locked.
    fn is_at_its_name(&self) -> io::Result<bool> {
        if !regular_file(&self.path)? {
            return Ok(false);
        }
        match Handle::from_path(&self.path) {
            Ok(there) => Ok(there == Handle::from_file(self.file.try_clone()?)?),
            Err(why) if why.kind() == ErrorKind::NotFound => Ok(false),
            Err(why) => Err(why),
        }
    }

    /// Says how much there is, and of what.
    pub(crate) fn have(&self) -> io::Result<Have> {
        Ok(Have { bytes: self.file.metadata()?.len(), version: read_note(&self.note) })
    }

    /// Empties the part and notes what it will be the beginning of.
    pub(crate) fn begin(&mut self, version: &Version) -> io::Result<()> {
        // In this order: bytes are never without their own note.
        self.file.set_len(0)?;
        // Made anew: opening what is there would follow a link, or wait at a named pipe.
        remove(&self.note)?;
        let mut note = OpenOptions::new().write(true).create_new(true).open(&self.note)?;
        note.write_all(to_note(version).as_bytes())?;
        self.file.rewind()
    }

    /// Makes the next write go to this place, and drops what there is from there on.
    pub(crate) fn go_to(&mut self, place: u64) -> io::Result<()> {
        self.file.set_len(place)?;
        self.file.seek(SeekFrom::Start(place)).map(drop)
    }

    /// Not buffered: what was written survives a kill.
    pub(crate) fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.file.write_all(piece)
    }

    /// Gives the complete file its name, unless another file has that name by now.
    pub(crate) fn finish(self, path: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        if !self.is_at_its_name()? {
            return Err(io::Error::other(format!("{} was moved or replaced meanwhile", self.path.display())));
        }
        if let Err(refused) = TempPath::try_from_path(&self.path)?.persist_noclobber(path) {
            // Dropped, it would delete the part.
            refused.path.keep()?;
            if exists(path) {
                let why = format!("{0} was created meanwhile: the download is in {0}.part", path.display());
                return Err(io::Error::new(ErrorKind::AlreadyExists, why));
            }
            return Err(refused.error);
        }
        remove(&self.note)
    }

    /// Removes the part and its note.
    pub(crate) fn remove(self) -> io::Result<()> {
        if self.is_at_its_name()? {
            remove(&self.path)?;
            remove(&self.note)?;
        }
        Ok(())
    }

    /// Removes the part if it holds nothing.
    pub(crate) fn remove_if_empty(self) -> io::Result<()> {
        if self.file.metadata()?.len() == 0 { self.remove() } else { Ok(()) }
    }
}

/// Whether there is anything with this name, even a link that leads nowhere.
pub(crate) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Removes the note of a part that got its name right before a kill.
pub(crate) fn tidy(path: &Path) {
    if exists(&beside(path, ".part-tag"))
        && let Ok(part) = Part::lock(path)
    {
        let _ = part.remove_if_empty();
    }
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Whether there is a regular file with this name; an error if it is a link, a pipe or a
/// folder.
fn regular_file(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(there) if there.is_file() => Ok(true),
        Ok(_) => Err(io::Error::new(ErrorKind::AlreadyExists, "it isn't a regular file: move it away")),
        Err(why) if why.kind() == ErrorKind::NotFound => Ok(false),
        Err(why) => Err(why),
    }
}

/// A note is a few lines of text in a regular file. Anything else is damaged.
fn read_note(path: &Path) -> Option<Version> {
    if !regular_file(path).ok()? {
        return None;
    }
    let mut note = String::new();
    File::open(path).ok()?.take(64 * 1024).read_to_string(&mut note).ok()?;
    from_note(&note)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(why) if why.kind() != ErrorKind::NotFound => Err(about(path, &why)),
        _ => Ok(()),
    }
}

fn about(path: &Path, why: &io::Error) -> io::Error {
    io::Error::new(why.kind(), format!("{}: {why}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a second process has in its hands that opened the part and was then overtaken.
    fn opened(path: &Path) -> Part {
        let part = beside(path, ".part");
        let file = OpenOptions::new().read(true).write(true).open(&part).unwrap();
        Part { path: part, note: beside(path, ".part-tag"), file }
    }

    fn version() -> Version {
        Version { url: "http://a/".into(), validators: crate::resume::Validators::default(), total: None }
    }

    #[test]
    fn a_part_that_was_finished_since_it_was_opened_is_not_locked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut first = Part::lock(&path).unwrap();
        first.begin(&version()).unwrap();
        first.write(b"all of it").unwrap();
        let second = opened(&path);
        assert_eq!(second.is_ours_now().unwrap_err().kind(), ErrorKind::ResourceBusy);
        first.finish(&path).unwrap();
        // The lock is free now, and it is the lock of the finished file.
        assert!(!second.is_ours_now().unwrap());
        // Nor is it this process's if a third one has begun anew.
        let _third = Part::lock(&path).unwrap();
        assert!(!second.is_ours_now().unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"all of it");
    }

    #[test]
    fn a_part_that_was_cancelled_since_it_was_opened_is_not_locked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let first = Part::lock(&path).unwrap();
        let second = opened(&path);
        first.remove().unwrap();
        assert!(!second.is_ours_now().unwrap());
    }

    #[test]
    fn beginning_empties_the_part_before_it_has_a_new_note() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut part = Part::lock(&path).unwrap();
        part.begin(&version()).unwrap();
        part.write(b"the old version, which is longer").unwrap();
        part.begin(&Version { total: Some(7), ..version() }).unwrap();
        let have = part.have().unwrap();
        assert_eq!((have.bytes, have.version.and_then(|version| version.total)), (0, Some(7)));
        part.write(b"the new").unwrap();
        part.finish(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"the new");
    }
}
