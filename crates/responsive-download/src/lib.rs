//! A download that listens while it works: it can be paused, resumed and cancelled, and a kill costs nothing.
//!
//! A thread that copies bytes cannot be interrupted from outside, in Rust or in Python.
//! So the request is made by a thread that can be abandoned, and the download waits for
//! whatever comes first: a piece of the file, a change of its [`Control`], or nothing for
//! too long. Pausing closes the connection. Resuming asks for the rest of the file.
//!
//! The bytes go to `NAME.part`, and only a complete file gets its name, by a rename,
//! which either happens or doesn't. So at every moment, even after a SIGKILL, a file with
//! the final name is complete. What is in `NAME.part` is the beginning of it, and the
//! next run continues from there. The rules for that are harder than they look: the
//! module `resume` has them, and `part` says how two processes stay out of each other's
//! way.

mod control;
mod fetch;
mod part;
mod resume;

use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use lab_server::check_url;

pub use crate::control::{Control, Wish};
use crate::fetch::{Arrival, Failed, Fetch};
pub use crate::part::LONGEST_NAME;
use crate::part::{Part, exists, tidy};
use crate::resume::{Action, ask, decide};

/// How a download deals with its server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long the server may send nothing, whatever is waited for: a name, a
    /// connection, an answer, the next piece.
    pub silence: Duration,
    /// What the first retry waits; each later one waits twice as long.
    pub first_wait: Duration,
    /// What no retry waits longer than, whatever the server says.
    pub longest_wait: Duration,
    /// Whether to use the proxy that the environment names.
    pub proxy: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            silence: Duration::from_secs(5),
            first_wait: Duration::from_millis(100),
            longest_wait: Duration::from_secs(30),
            proxy: true,
        }
    }
}

/// What a download reports while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// The first number of bytes is there, of the second; the second is 0 while the
    /// server hasn't said.
    Progress(u64, u64),
    /// The connection is closed and the download waits.
    Paused,
    /// An attempt failed, and another one follows after this time.
    Retrying(Duration),
}

/// How a download ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The file is complete and has its name.
    Done {
        /// Its size.
        bytes: u64,
    },
    /// It was cancelled and left nothing behind.
    Cancelled,
    /// A file had the name already, and was left as it was.
    WasThere,
}

/// Downloads `url` to `path`, continuing what an earlier run left. A file that is there
/// already is not touched.
///
/// # Errors
/// When the server refuses the file, the disk fails, another download of the file is
/// running, or five attempts in a row brought nothing new.
pub fn download(
    settings: &Settings,
    url: &str,
    path: &Path,
    control: &Control,
    tell: impl Fn(News),
) -> io::Result<End> {
    check_url(url).map_err(|why| io::Error::new(ErrorKind::InvalidInput, why))?;
    if exists(path) {
        tidy(path);
        return Ok(End::WasThere);
    }
    let mut part = Part::lock(path)?;
    if exists(path) {
        // Another process finished it before the lock was ours.
        part.remove_if_empty()?;
        return Ok(End::WasThere);
    }
    match attempts(&mut part, settings, url, control, &tell) {
        Ok(Some(bytes)) => part.finish(path).map(|()| End::Done { bytes }),
        Ok(None) => part.remove().map(|()| End::Cancelled),
        Err(why) => part.remove_if_empty().and(Err(why)),
    }
}

/// How one attempt ended.
enum Turn {
    Complete(u64),
    /// The answer is used up, and the file isn't complete.
    More,
    /// The user wants something else.
    Interrupted,
}

/// Why one attempt failed.
enum Failure {
    /// Asking again can help, after this long if that is known.
    Passing(String, Option<Duration>),
    /// Nothing can help: the disk failed, or the server has said its last word.
    Final(io::Error),
}

impl From<Failed> for Failure {
    fn from(failed: Failed) -> Failure {
        if failed.may_pass { Failure::Passing(failed.why, None) } else { refused(failed.why) }
    }
}

impl From<io::Error> for Failure {
    fn from(disk: io::Error) -> Failure {
        Failure::Final(disk)
    }
}

fn refused(why: String) -> Failure {
    Failure::Final(io::Error::new(ErrorKind::InvalidInput, why))
}

/// Asks until the part is complete and returns its size; `None` when the user cancels.
fn attempts(
    part: &mut Part,
    settings: &Settings,
    url: &str,
    control: &Control,
    tell: &impl Fn(News),
) -> io::Result<Option<u64>> {
    let mut failures = 0;
    // Only what was never there before is progress, or a server could keep this going
    // forever.
    let mut most = part.have()?.bytes;
    loop {
        if control.wish() == Wish::Pause {
            tell(News::Paused);
        }
        if control.wait_while(Wish::Pause, None) == Wish::Cancel {
            return Ok(None);
        }
        let (why, wait) = match attempt(part, settings, url, control, tell) {
            Ok(Turn::Complete(bytes)) => return Ok(Some(bytes)),
            Ok(Turn::More | Turn::Interrupted) => continue,
            Err(Failure::Final(why)) => return Err(why),
            Err(Failure::Passing(why, wait)) => (why, wait),
        };
        let has = part.have()?.bytes;
        failures = if has > most { 1 } else { failures + 1 };
        most = most.max(has);
        if failures == 5 {
            return Err(io::Error::other(why));
        }
        let wait = wait.unwrap_or(settings.first_wait * (1 << (failures - 1))).min(settings.longest_wait);
        tell(News::Retrying(wait));
        // A cancel or a pause ends the wait.
        control.wait_while(Wish::Run, Some(wait));
    }
}

/// Makes one request and takes in what it brings.
fn attempt(
    part: &mut Part,
    settings: &Settings,
    url: &str,
    control: &Control,
    tell: &impl Fn(News),
) -> Result<Turn, Failure> {
    let have = part.have()?;
    let asked = ask(url, &have);
    let fetch = Fetch::start(settings, url, &asked, control)?;
    let answer = match fetch.next()? {
        Some(Arrival::Head(answer)) => answer,
        _ => return Ok(Turn::Interrupted),
    };
    let (mut at, to, total) = match decide(url, &have, &asked, &answer) {
        Action::Begin(version) => {
            part.begin(&version)?;
            (0, version.total, version.total)
        }
        Action::Append { from, to, total } => {
            part.go_to(from)?;
            (from, Some(to), Some(total))
        }
        Action::AskForWhole(why) => {
            // What is there can't be joined to what the server has.
            part.go_to(0)?;
            return Err(Failure::Passing(why.into(), Some(Duration::ZERO)));
        }
        Action::Wait(wait, why) => return Err(Failure::Passing(why, wait)),
        Action::GiveUp(why) => return Err(refused(why)),
    };
    tell(News::Progress(at, total.unwrap_or(0)));
    while to != Some(at) {
        match fetch.next()? {
            Some(Arrival::Piece(mut piece)) => {
                if let Some(to) = to {
                    // What comes after the end is none of the file.
                    piece.truncate(usize::try_from(to - at).unwrap_or(usize::MAX));
                }
                part.write(&piece)?;
                at += piece.len() as u64;
                tell(News::Progress(at, total.unwrap_or(0)));
            }
            Some(Arrival::End) if to.is_none() => break,
            Some(Arrival::End) => {
                return Err(Failure::Passing("the answer ended too early".into(), None));
            }
            _ => return Ok(Turn::Interrupted),
        }
    }
    Ok(if total.is_none_or(|total| total == at) { Turn::Complete(at) } else { Turn::More })
}
