//! A download that listens while it works: it can be paused, resumed and cancelled, and a kill costs nothing.
//!
//! A thread that copies bytes cannot be interrupted from outside, in Rust or in Python: it has to look up from its work.
//! This one looks at its [`Control`] after every piece. Pausing lets go of the connection; going on asks for the rest
//! (`Range`), if the file is still the same one (`If-Range` with the server's `ETag`), and for all of it otherwise.
//!
//! The bytes go to `name.part`, and only a whole file gets its final name, by a rename, which either happens or does not.
//! So at every moment, also at a SIGKILL, a file with the final name is whole. What is in `name.part` is a beginning of
//! it: the next run goes on from there.

mod control;
mod part;

use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use lab_server::check_url;
use ureq::Agent;

pub use crate::control::{Control, Wish};
use crate::part::Part;

/// What a download tells while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// So many bytes of so many are there; the second is 0 while nobody has said.
    Progress(u64, u64),
    /// The connection is let go and the download waits.
    Paused,
    /// An attempt failed and another one will be made.
    Retrying,
}

/// How a download ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The file is whole and has its name.
    Done {
        /// Its size.
        bytes: u64,
    },
    /// It was cancelled and left nothing behind.
    Cancelled,
    /// A file had the name already, and was left as it was.
    WasThere,
}

/// Downloads `url` to `path`, going on from what an earlier run left. A file that is there already is not touched.
///
/// # Errors
/// When the server refuses the file, the disk takes no more, or five attempts in a row brought no byte.
pub fn download(
    client: &Agent,
    url: &str,
    path: &Path,
    control: &Control,
    tell: impl Fn(News),
) -> io::Result<End> {
    check_url(url).map_err(|why| io::Error::new(ErrorKind::InvalidInput, why))?;
    let part = Part::of(path);
    if path.exists() {
        if part.len() == 0 {
            // A run that was killed right after it gave the file its name may have left the tag.
            part.remove()?;
        }
        return Ok(End::WasThere);
    }
    let mut failures = 0;
    let mut had = 0;
    loop {
        if control.wish() == Wish::Pause {
            tell(News::Paused);
        }
        if control.wait_while(Wish::Pause, None) == Wish::Cancel {
            part.remove()?;
            return Ok(End::Cancelled);
        }
        match part.go_on(client, url, control, &tell) {
            Ok(Some(bytes)) => {
                part.finish(path)?;
                return Ok(End::Done { bytes });
            }
            Ok(None) => {}
            Err(error) => {
                let has = part.len();
                failures = if has > had { 1 } else { failures + 1 };
                had = has;
                if failures == 5 || !may_pass(&error) {
                    return Err(error);
                }
                tell(News::Retrying);
                // Twice as long each time; a cancel or a pause ends the wait.
                control.wait_while(Wish::Run, Some(Duration::from_millis(50 << failures)));
            }
        }
    }
}

fn may_pass(error: &io::Error) -> bool {
    // What the disk says will not pass by asking the server again.
    !matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::StorageFull | ErrorKind::NotFound | ErrorKind::InvalidInput
    )
}
