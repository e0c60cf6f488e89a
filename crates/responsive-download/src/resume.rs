//! The rules of resuming: what to ask for, and what to do with the answer.
//!
//! Two functions decide, and neither touches a disk or a network. [`ask`] looks at the part
//! that is there and says what to request. [`decide`] looks at the same part and at the
//! head of the answer, and says what to do. The rest of the crate carries it out.
//!
//! # The rules
//!
//! Bytes may be joined only if they come from the same version of the same file, and a file
//! is complete only if the server says so. Section numbers are those of RFC 9110.
//!
//! 1. **A version has a name.** `ETag`, if it is strong (8.8.3); or `Last-Modified`, if
//!    there is no `ETag` at all and the server's `Date` is at least one second later, so
//!    that the file can't have changed twice within the same second (8.8.2.2, 13.1.5). A
//!    part without such a name is never resumed. The part's URL is kept beside it: the same
//!    name at another URL means nothing.
//! 2. **Ask conditionally.** `Range` always goes with `If-Range` (13.1.5): the server sends
//!    the rest of this version, or the whole of another one.
//! 3. **Believe the answer, not the request.** A server may ignore `Range` and `If-Range`,
//!    and may send less than was asked (14.2, 15.3.7). Only `Content-Range` says what a 206
//!    holds, so its start must be the byte that was asked for, its total must be the total
//!    that is known, and its length must agree with `Content-Length`.
//! 4. **A 206 must name its version.** The validator that was sent must come back (15.3.7
//!    requires `ETag`), and each one that both answers carry must be equal. A server that
//!    leaves it out costs a whole download. The opposite would cost a wrong file.
//! 5. **A 206 may be short.** When its last byte isn't the file's last byte, ask again.
//! 6. **A 200 is a whole file**, and the part begins anew. A 200 with a `Content-Range` that
//!    says less than everything is a slice with the wrong status: 14.4 gives it no meaning.
//! 7. **A 416 is no answer about this part**, so the next request is for the whole file.
//! 8. **Complete** means that the total is known and reached, or that the last chunk of a
//!    chunked body has come. A body that ends with its connection is never complete: a
//!    connection that breaks looks the same (RFC 9112, section 8).
//! 9. **A complete part is asked about, too.** A process can be killed between the last byte
//!    and the file's name. Asking for what follows the last byte gets a 416, so the request
//!    is for the last byte once more.
//! 10. **Bytes are what the file is made of.** `Accept-Encoding: identity` is sent, and an
//!    answer that is encoded all the same is refused, or a compressed file would get the
//!    name of a plain one.
//! 11. **Busy is not broken.** 429, 502, 503 and 504 are asked again, after `Retry-After`
//!    where it is given (10.2.3), also while resuming.
//!
//! # Where others learned them
//!
//! | rule | report |
//! |---|---|
//! | 3 | rustup 4710: a 200 was appended to the part. httrack 428 and pip 14131: a 206 that began elsewhere was, too |
//! | 3 | aria2 926: servers that send `bytes x-y/*`, without a total |
//! | 4 | ownCloud client 756: the beginning of one version and the end of the next |
//! | 7 | curl 1163: the page that came with a 416 was appended to the file |
//! | 9 | rustup 1854, curl 6740, huggingface_hub 2511: a part that was complete failed on every later run |
//! | lock | huggingface_hub 4306: two processes, one part; the slower one went on writing to the finished file |
//!
//! # State × answer → action
//!
//! "Rest" is a request with `Range` and `If-Range`, "whole" one without. Each row is a row of
//! the test `every_row_of_the_table`, in this order.
//!
//! | asked for | answer | action |
//! |---|---|---|
//! | either | 429, 502, 503, 504 | wait, for as long as `Retry-After` says, and ask again |
//! | either | another status but 200, 206, 416 | give up: the server answered so |
//! | either | 200 or 206 with a `Content-Encoding` or a `Transfer-Encoding` that isn't `chunked` | give up: it is encoded |
//! | whole | 206 or 416 | give up: the server answers what wasn't asked |
//! | whole | 200, `Content-Range` for less than everything | give up: a slice as a whole file |
//! | either | 200, neither a length nor chunked | give up: it doesn't say where the file ends |
//! | either | 200, a length, or chunked | begin anew |
//! | rest | 200, `Content-Range` for less than everything | ask for the whole file |
//! | rest | 416 | ask for the whole file |
//! | rest | 206, no `Content-Range`, or one that makes no sense | ask for the whole file |
//! | rest | 206 that begins elsewhere | ask for the whole file |
//! | rest | 206 with another total, or with none where none is known | ask for the whole file |
//! | rest | 206 whose `Content-Length` isn't the length of its range | ask for the whole file |
//! | rest | 206 of another version, or of one that isn't named | ask for the whole file |
//! | rest | 206 up to the last byte | append; then the file is complete |
//! | rest | 206 up to an earlier byte | append; then ask for the rest |

use std::time::{Duration, SystemTime};

use ureq::http::header::{
    CONTENT_ENCODING, CONTENT_RANGE, DATE, ETAG, HeaderName, LAST_MODIFIED, RETRY_AFTER, TRANSFER_ENCODING,
};
use ureq::http::{HeaderMap, Version as HttpVersion};

/// Which version of which file a part is the beginning of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) url: String,
    pub(crate) validators: Validators,
    /// The size of the whole file, if the server has said.
    pub(crate) total: Option<u64>,
}

/// The headers that tell one version of a file from another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Validators {
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
    /// Whether `Last-Modified` was at least a second before the answer's `Date`.
    pub(crate) settled: bool,
}

impl Validators {
    /// What may stand in `If-Range`: rule 1.
    fn strong(&self) -> Option<&str> {
        match &self.etag {
            Some(etag) => Some(etag.as_str()).filter(|etag| etag.starts_with('"')),
            None => self.last_modified.as_deref().filter(|_| self.settled),
        }
    }

    /// Whether an answer with these validators is of the same version as one with `before`: rule 4.
    fn continue_from(&self, before: &Validators) -> bool {
        let equal_if_both = |one: &Option<String>, other: &Option<String>| match (one, other) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        let named = if before.etag.is_some() { self.etag.is_some() } else { self.last_modified.is_some() };
        named
            && equal_if_both(&self.etag, &before.etag)
            && equal_if_both(&self.last_modified, &before.last_modified)
    }
}

/// What there is of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Have {
    pub(crate) bytes: u64,
    /// `None` if what was noted about the part can't be read.
    pub(crate) version: Option<Version>,
}

/// What to ask the server for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ask {
    Whole,
    Rest { from: u64, if_range: String },
}

/// Says what to request of `url`, given what there is.
pub(crate) fn ask(url: &str, have: &Have) -> Ask {
    let Some(version) = have.version.as_ref().filter(|version| version.url == url) else {
        return Ask::Whole;
    };
    let from = match version.total {
        Some(total) if have.bytes > total => return Ask::Whole,
        // Rule 9.
        Some(total) if have.bytes == total => total.saturating_sub(1),
        _ => have.bytes,
    };
    match version.validators.strong() {
        Some(strong) if have.bytes > 0 => Ask::Rest { from, if_range: strong.to_owned() },
        _ => Ask::Whole,
    }
}

/// How a body says that it is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// After this many bytes.
    Length(u64),
    /// With its last chunk.
    Chunked,
    /// Not at all: the connection ends.
    Close,
}

/// The head of an answer, as far as it matters here.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    status: u16,
    framing: Framing,
    content_range: Option<String>,
    validators: Validators,
    /// The encoding that the body has although none was asked for.
    encoding: Option<String>,
    retry_after: Option<Duration>,
}

impl Answer {
    /// Reads the head of an answer whose body has this `length`, if it has one.
    pub(crate) fn of(status: u16, version: HttpVersion, headers: &HeaderMap, length: Option<u64>) -> Answer {
        let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
        let date = |name| httpdate::parse_http_date(text(name)?).ok();
        let coded = |name: HeaderName, plain: &str| {
            let coding = text(name.clone()).filter(|coding| !coding.eq_ignore_ascii_case(plain))?;
            Some(format!("{name}: {coding}"))
        };
        let transfer = headers.contains_key(TRANSFER_ENCODING);
        let framing = match length {
            // HTTP/1.0 has no chunks: there the client reads until the connection ends.
            _ if transfer && version < HttpVersion::HTTP_11 => Framing::Close,
            _ if transfer => Framing::Chunked,
            Some(length) => Framing::Length(length),
            None => Framing::Close,
        };
        let settled = match (date(LAST_MODIFIED), date(DATE)) {
            (Some(modified), Some(now)) => now >= modified + Duration::from_secs(1),
            _ => false,
        };
        Answer {
            status,
            framing,
            content_range: headers
                .contains_key(CONTENT_RANGE)
                .then(|| text(CONTENT_RANGE).unwrap_or_default().to_owned()),
            validators: Validators {
                // One that isn't text is none to send back, but the version has one.
                etag: headers.get(ETAG).map(|etag| etag.to_str().unwrap_or("unreadable").trim().to_owned()),
                last_modified: text(LAST_MODIFIED).map(String::from),
                settled,
            },
            encoding: coded(CONTENT_ENCODING, "identity").or_else(|| coded(TRANSFER_ENCODING, "chunked")),
            retry_after: text(RETRY_AFTER).and_then(wait_of),
        }
    }
}

/// `Retry-After` holds seconds or a date.
fn wait_of(text: &str) -> Option<Duration> {
    let seconds = text.parse().ok().map(Duration::from_secs);
    seconds.or_else(|| {
        let date = httpdate::parse_http_date(text).ok()?;
        Some(date.duration_since(SystemTime::now()).unwrap_or_default())
    })
}

/// What to do with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Empty the part and take in the body, which is the whole of this version.
    Begin(Version),
    /// Take in the body, which holds the bytes from `from` up to `to`, of `total`.
    Append { from: u64, to: u64, total: u64 },
    /// Ask again, for the whole file.
    AskForWhole(&'static str),
    /// Ask again, after this long if the server has said.
    Wait(Option<Duration>, String),
    /// Nothing more can be done.
    GiveUp(String),
}

/// Says what to do with the `answer` to `asked`, given what there is. See the table in the module's docs.
pub(crate) fn decide(url: &str, have: &Have, asked: &Ask, answer: &Answer) -> Action {
    let refused = || Action::GiveUp(format!("the server answered {}", answer.status));
    match (answer.status, asked) {
        (429 | 502..=504, _) => {
            Action::Wait(answer.retry_after, format!("the server answered {}", answer.status))
        }
        (200 | 206, _) if answer.encoding.is_some() => Action::GiveUp(format!(
            "the server has encoded the file although it was asked not to ({})",
            answer.encoding.as_deref().unwrap_or_default()
        )),
        (200, _) => whole(url, asked, answer),
        (206, Ask::Rest { from, .. }) => match rest(have, *from, answer) {
            Ok(append) => append,
            Err(why) => Action::AskForWhole(why),
        },
        (206, Ask::Whole) => {
            Action::GiveUp("the server sent a part of the file, which wasn't asked for".into())
        }
        (416, Ask::Rest { .. }) => Action::AskForWhole("the server has no such part"),
        _ => refused(),
    }
}

fn whole(url: &str, asked: &Ask, answer: &Answer) -> Action {
    let mut total = match answer.framing {
        Framing::Length(length) => Some(length),
        Framing::Chunked => None,
        Framing::Close => {
            let why = "the server doesn't say where the file ends: a broken connection would look the same";
            return Action::GiveUp(why.into());
        }
    };
    if let Some(text) = &answer.content_range {
        match ContentRange::read(text) {
            Some(range)
                if range.is_everything() && total.is_none_or(|length| range.total == Some(length)) =>
            {
                total = range.total;
            }
            _ => {
                let why = "the server sent a slice of the file as if it were the whole";
                return match asked {
                    Ask::Rest { .. } => Action::AskForWhole(why),
                    Ask::Whole => Action::GiveUp(why.into()),
                };
            }
        }
    }
    Action::Begin(Version { url: url.to_owned(), validators: answer.validators.clone(), total })
}

fn rest(have: &Have, from: u64, answer: &Answer) -> Result<Action, &'static str> {
    let range = answer.content_range.as_deref().and_then(ContentRange::read);
    let range = range.ok_or("the server sent a part without saying which")?;
    let version = have.version.as_ref().ok_or("the part isn't known")?;
    if range.first != from {
        return Err("the server sent another part than was asked for");
    }
    let total = match (range.total, version.total) {
        (Some(now), Some(before)) if now != before => return Err("the file has another size now"),
        (now, before) => now.or(before).ok_or("the server doesn't say how large the file is")?,
    };
    let to = range.last + 1;
    if to > total {
        return Err("the server sent more than the file has");
    }
    if matches!(answer.framing, Framing::Length(length) if length != to - from) {
        return Err("the server sent a part of another length than it said");
    }
    if !answer.validators.continue_from(&version.validators) {
        return Err("the server has another version of the file now");
    }
    Ok(Action::Append { from, to, total })
}

/// `Content-Range: bytes 100-199/200`; the total may be `*`.
struct ContentRange {
    first: u64,
    last: u64,
    total: Option<u64>,
}

impl ContentRange {
    fn read(text: &str) -> Option<ContentRange> {
        let (unit, rest) = text.split_once(' ')?;
        let (range, total) = rest.trim().split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let number = |text: &str| {
            // `parse` would take a plus sign as well.
            text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok())?
        };
        let total = if total == "*" { None } else { Some(number(total)?) };
        let range = ContentRange { first: number(first)?, last: number(last)?, total };
        let sane = range.first <= range.last && range.last < range.total.unwrap_or(u64::MAX);
        (unit.eq_ignore_ascii_case("bytes") && sane).then_some(range)
    }

    fn is_everything(&self) -> bool {
        self.first == 0 && self.total == Some(self.last + 1)
    }
}

const HEADING: &str = "responsive-download: what NAME.part is the beginning of";

/// What is kept beside a part, to be read by [`from_note`].
pub(crate) fn to_note(version: &Version) -> String {
    let Validators { etag, last_modified, settled } = &version.validators;
    let mut note = format!("{HEADING}\nurl {}\n", version.url);
    let mut add = |key: &str, value: Option<&str>| {
        if let Some(value) = value {
            note += &format!("{key} {value}\n");
        }
    };
    add("etag", etag.as_deref());
    add(if *settled { "last-modified" } else { "last-modified-just-now" }, last_modified.as_deref());
    add("total", version.total.map(|total| total.to_string()).as_deref());
    note += "end\n";
    note
}

/// Reads a note; `None` if it is damaged.
pub(crate) fn from_note(note: &str) -> Option<Version> {
    let lines = note.strip_prefix(HEADING)?.strip_prefix('\n')?.strip_suffix("end\n")?;
    let (mut url, mut validators, mut total) = (None, Validators::default(), None);
    for line in lines.lines() {
        let (key, value) = line.split_once(' ')?;
        // It goes back into a header.
        if value.contains(char::is_control) {
            return None;
        }
        match key {
            "url" => url = Some(value.to_owned()),
            "etag" => validators.etag = Some(value.to_owned()),
            "last-modified" | "last-modified-just-now" => {
                validators.last_modified = Some(value.to_owned());
                validators.settled = key == "last-modified";
            }
            "total" => total = Some(value.parse().ok()?),
            _ => return None,
        }
    }
    Some(Version { url: url?, validators, total })
}
