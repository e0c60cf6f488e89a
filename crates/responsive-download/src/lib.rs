//! A download that listens while it works: it can be paused, resumed and cancelled, and a kill costs nothing.
//!
//! A thread that copies bytes cannot be interrupted from outside, in Rust or in Python: it has to look up from its work.
//! This one looks at its [`Control`] after every piece. Pausing lets go of the connection; going on asks for the rest
//! (`Range`), if the file is still the same one (`If-Range` with the server's `ETag`), and for all of it otherwise.
//!
//! The bytes go to `name.part`, and only a whole file gets its final name, by a rename, which either happens or does not.
//! So at every moment, also at a SIGKILL, a file with the final name is whole. What is in `name.part` is a beginning of
//! it: the next run goes on from there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use ureq::Agent;
use ureq::http::header::{CONTENT_RANGE, ETAG, HeaderName, IF_RANGE, RANGE};
use ureq::http::{HeaderMap, Response};

/// What the user wants of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Go on.
    Run,
    /// Let go of the connection and wait.
    Pause,
    /// Stop and leave nothing behind.
    Cancel,
}

/// A wish that both sides can see; the event of this demo.
pub struct Control {
    wish: Mutex<Wish>,
    changed: Condvar,
}

impl Default for Control {
    fn default() -> Self {
        Control { wish: Mutex::new(Wish::Run), changed: Condvar::new() }
    }
}

impl Control {
    /// Says what is wanted from now on. Once cancelled is cancelled.
    pub fn set(&self, wish: Wish) {
        let mut now = self.wish.lock().unwrap();
        if *now != Wish::Cancel {
            *now = wish;
        }
        drop(now);
        self.changed.notify_all();
    }

    /// What is wanted now.
    pub fn wish(&self) -> Wish {
        *self.wish.lock().unwrap()
    }

    /// Waits until something other than a pause is wanted, or `limit` has passed; what is wanted then.
    pub fn wait_while(&self, unwanted: Wish, limit: Option<Duration>) -> Wish {
        let wish = self.wish.lock().unwrap();
        match limit {
            None => *self.changed.wait_while(wish, |wish| *wish == unwanted).unwrap(),
            Some(limit) => *self.changed.wait_timeout_while(wish, limit, |wish| *wish == unwanted).unwrap().0,
        }
    }
}

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
}

/// Downloads `url` to `path`, going on from what an earlier run left.
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
    let part = Part::of(path);
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

/// The beginning of a file, and which version of the file it is the beginning of.
struct Part {
    bytes: PathBuf,
    tag: PathBuf,
}

impl Part {
    fn of(path: &Path) -> Part {
        let beside = |end: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(end);
            PathBuf::from(name)
        };
        Part { bytes: beside(".part"), tag: beside(".part-tag") }
    }

    fn len(&self) -> u64 {
        fs::metadata(&self.bytes).map_or(0, |about| about.len())
    }

    /// Takes in what is missing; `None` when the user wanted something else before it was whole.
    fn go_on(
        &self,
        client: &Agent,
        url: &str,
        control: &Control,
        tell: &impl Fn(News),
    ) -> io::Result<Option<u64>> {
        let mut request = client.get(url);
        let have = self.len();
        if let (1.., Ok(tag)) = (have, fs::read_to_string(&self.tag)) {
            request = request.header(RANGE, format!("bytes={have}-")).header(IF_RANGE, tag);
        }
        let mut answer = request.call().map_err(to_io)?;
        let (mut file, mut at, total) = match answer.status().as_u16() {
            206 if range_start(answer.headers()) == Some(have) => {
                let total = answer.body().content_length().map(|rest| have + rest);
                (OpenOptions::new().append(true).open(&self.bytes)?, have, total)
            }
            200 => (self.begin(&answer)?, 0, answer.body().content_length()),
            // What we have is no beginning of what there is now, or all of it: find out by beginning again.
            206 | 416 => {
                self.remove()?;
                return Err(io::Error::other("the server has another file now"));
            }
            status => {
                return Err(io::Error::new(ErrorKind::InvalidInput, format!("the server answered {status}")));
            }
        };
        let mut body = answer.body_mut().as_reader();
        let mut piece = [0; 16 * 1024];
        tell(News::Progress(at, total.unwrap_or(0)));
        while control.wish() == Wish::Run {
            let read = body.read(&mut piece)?;
            if read == 0 {
                if total.is_some_and(|total| total != at) {
                    return Err(io::Error::new(ErrorKind::UnexpectedEof, "the answer ended too early"));
                }
                file.sync_all()?;
                return Ok(Some(at));
            }
            // Not buffered: what was counted is in the file, whoever kills us.
            file.write_all(&piece[..read])?;
            at += read as u64;
            tell(News::Progress(at, total.unwrap_or(0)));
        }
        Ok(None)
    }

    /// An empty part. The order matters: a part is never without the tag of the file it belongs to.
    fn begin(&self, answer: &Response<ureq::Body>) -> io::Result<File> {
        self.remove()?;
        if let Some(tag) = text(answer.headers(), ETAG).filter(|tag| !tag.starts_with("W/")) {
            fs::write(&self.tag, tag)?;
        }
        File::create(&self.bytes)
    }

    fn finish(&self, path: &Path) -> io::Result<()> {
        fs::rename(&self.bytes, path)?;
        ignore_missing(fs::remove_file(&self.tag))
    }

    fn remove(&self) -> io::Result<()> {
        ignore_missing(fs::remove_file(&self.bytes))?;
        ignore_missing(fs::remove_file(&self.tag))
    }
}

fn ignore_missing(result: io::Result<()>) -> io::Result<()> {
    result.or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

/// The first byte of `Content-Range: bytes 100-199/200`.
fn range_start(headers: &HeaderMap) -> Option<u64> {
    text(headers, CONTENT_RANGE)?.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn to_io(error: ureq::Error) -> io::Error {
    match error {
        ureq::Error::Io(error) => error,
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
            io::Error::new(ErrorKind::InvalidInput, error.to_string())
        }
        other => io::Error::other(other),
    }
}
