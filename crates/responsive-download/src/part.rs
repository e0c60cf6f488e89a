//! `name.part`: what there is of a file, and how the rest of it is asked for.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use ureq::Agent;
use ureq::http::header::{CONTENT_RANGE, ETAG, HeaderName, IF_RANGE, RANGE};
use ureq::http::{HeaderMap, Response};

use crate::{Control, News, Wish};

/// The beginning of a file, and which version of the file it is the beginning of.
pub(crate) struct Part {
    bytes: PathBuf,
    tag: PathBuf,
}

impl Part {
    pub(crate) fn of(path: &Path) -> Part {
        let beside = |end: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(end);
            PathBuf::from(name)
        };
        Part { bytes: beside(".part"), tag: beside(".part-tag") }
    }

    pub(crate) fn len(&self) -> u64 {
        fs::metadata(&self.bytes).map_or(0, |about| about.len())
    }

    /// Takes in what is missing; `None` when the user wanted something else before it was whole.
    pub(crate) fn go_on(
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

    pub(crate) fn finish(&self, path: &Path) -> io::Result<()> {
        fs::rename(&self.bytes, path)?;
        ignore_missing(fs::remove_file(&self.tag))
    }

    pub(crate) fn remove(&self) -> io::Result<()> {
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
