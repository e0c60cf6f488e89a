//! The same question for a disk: thousands of small files, one by one and with a pool.
//!
//! Honest words first. A file that was written or read a moment ago is in memory (warm), and reading it waits for
//! nothing: threads then help only as far as there are cores. Cold means that the system was asked to forget the file
//! (`posix_fadvise`); the disk itself, or the machine under a virtual one, may still have it in a cache of its own.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use executor::Executor;

/// The bytes of one file.
pub const SIZE: usize = 4096;

/// Set by Ctrl-C: whoever handles files looks at it before each, so that somebody is left to remove them.
pub static INTERRUPTED: AtomicBool = AtomicBool::new(false);

fn unless_interrupted() -> io::Result<()> {
    // Relaxed: nothing else is passed on with it.
    if INTERRUPTED.load(Ordering::Relaxed) { Err(io::Error::other("interrupted")) } else { Ok(()) }
}

/// The paths of `count` files in `folder`.
pub fn paths(folder: &Path, count: usize) -> Vec<PathBuf> {
    (0..count).map(|number| folder.join(format!("{number:05}"))).collect()
}

/// Calls `act` with each path: in this thread, or in a pool when there is one. The numbers it returns are added up.
///
/// # Errors
/// The first failure in the order of the paths, with its path; when [`INTERRUPTED`].
pub fn for_each(
    pool: Option<&Executor>,
    paths: &[PathBuf],
    act: fn(&Path) -> io::Result<usize>,
) -> io::Result<usize> {
    let act = move |path: &PathBuf| {
        unless_interrupted()?;
        act(path).map_err(|why| io::Error::new(why.kind(), format!("{}: {why}", path.display())))
    };
    match pool {
        None => paths.iter().map(act).sum(),
        Some(pool) => pool.map(paths.to_vec(), move |path| act(&path)).map(Result::unwrap).sum(),
    }
}

/// Writes the file; the bytes are in the system's memory when this returns, on the disk some time later.
///
/// # Errors
/// What the system says.
pub fn write(path: &Path) -> io::Result<usize> {
    fs::write(path, [b'x'; SIZE])?;
    Ok(SIZE)
}

/// Writes the file and waits until the disk has it: `fsync`, the wait that overlaps.
///
/// # Errors
/// What the system says.
pub fn write_and_sync(path: &Path) -> io::Result<usize> {
    let mut file = File::create(path)?;
    file.write_all(&[b'x'; SIZE])?;
    file.sync_all()?;
    Ok(SIZE)
}

/// Reads the file.
///
/// # Errors
/// What the system says.
pub fn read(path: &Path) -> io::Result<usize> {
    Ok(fs::read(path)?.len())
}

/// Asks the system to forget what it holds of these files in memory; false where it cannot be asked.
///
/// # Errors
/// What the system says; when [`INTERRUPTED`].
pub fn forget(paths: &[PathBuf]) -> io::Result<bool> {
    #[cfg(target_os = "linux")]
    for path in paths {
        unless_interrupted()?;
        let file = File::open(path)?;
        // Only what is on the disk can be forgotten.
        file.sync_all()?;
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?;
    }
    let _ = paths;
    Ok(cfg!(target_os = "linux"))
}

/// Whether the folder is in memory (tmpfs), where no disk is involved; false where that cannot be known.
pub fn in_memory(folder: &Path) -> bool {
    #[cfg(target_os = "linux")]
    {
        const TMPFS_MAGIC: u64 = 0x0102_1994;
        // The type of this field differs between architectures.
        #[allow(clippy::unnecessary_cast)]
        let kind = rustix::fs::statfs(folder).map(|about| about.f_type as u64);
        kind == Ok(TMPFS_MAGIC)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = folder;
        false
    }
}
