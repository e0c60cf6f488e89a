//! The rules of resuming: what to ask for, and what to do with the answer.
//!
//! Two functions decide, and neither touches a disk or a network. [`ask`] looks at the
//! part that is there and says what to request. [`decide`] looks at the same part and at
//! the head of the answer, and says what to do. The rest of the crate carries it out.
//!
//! # The rules
//!
//! Bytes may be joined only if they come from the same version of the same file, and a
//! file is complete only if the server says so. Section numbers are those of RFC 9110.
//!
//! 1. **A version has a name.** `ETag`, if it is strong (8.8.3); or `Last-Modified`, if
//!    there is no `ETag` at all and the server's `Date` is at least one second later, so
//!    that the file can't have changed twice within the same second (8.8.2.2, 13.1.5). A
//!    part without such a name is never resumed. The part's URL is kept beside it: the
//!    same name at another URL means nothing.
//! 2. **Ask conditionally.** `Range` always goes with `If-Range` (13.1.5): the server
//!    sends the rest of this version, or the whole of another one.
//! 3. **Believe the answer, not the request.** A server may ignore `Range` and
//!    `If-Range`, and may send less than was asked (14.2, 15.3.7). Only `Content-Range`
//!    says what a 206 holds, so its start must be the byte that was asked for, its total
//!    must be the total that is known, and its length must agree with `Content-Length`.
//! 4. **A 206 must name its version.** The validator that was sent must come back (15.3.7
//!    requires `ETag`), and each one that both answers carry must be equal. A server that
//!    leaves it out costs a whole download. The opposite would cost a wrong file.
//! 5. **A 206 may be short.** When its last byte isn't the file's last byte, ask again.
//! 6. **A 200 is a whole file**, and the part begins anew. A 200 with a `Content-Range`
//!    that says less than everything is a slice with the wrong status: 14.4 gives it no
//!    meaning.
//! 7. **A 416 says nothing about this part**, so the next request is for the whole file.
//! 8. **Complete** means that the total is known and reached, or that the last chunk of a
//!    chunked body has come. A body that ends with its connection is never complete: a
//!    connection that breaks looks the same (RFC 9112, section 8).
//! 9. **A complete part is asked about, too.** A process can be killed between the last
//!    byte and the file's name. Asking for what follows the last byte gets a 416, so the
//!    request is for the last byte once more.
//! 10. **Bytes are what the file is made of.** `Accept-Encoding: identity` is sent, and
//!     an answer that is encoded all the same is refused, or a compressed file would get
//!     the name of a plain one.
//! 11. **Busy is not broken.** 429, 502, 503 and 504 are asked again, after `Retry-After`
//!     where it is given (10.2.3), also while resuming.
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
//! "Rest" is a request with `Range` and `If-Range`, "whole" one without. Each row is a
//! row of the test `every_row_of_the_table`, in this order.
//!
//! | asked for | answer | action |
//! |---|---|---|
//! | either | 429, 502, 503, 504 | wait, for as long as `Retry-After` says, and ask again |
//! | either | another status but 200, 206, 416 | give up: the server answered so |
//! | either | 200 or 206 with a `Content-Encoding` or a `Transfer-Encoding` that isn't `chunked` | give up: it is encoded |
//! | whole | 206 or 416 | give up: that isn't an answer to the request |
//! | whole | 200, `Content-Range` for less than everything | give up: a slice as a whole file |
//! | either | 200, neither a length nor chunked | give up: it doesn't say where the file ends |
//! | either | 200, a length, or chunked | begin anew |
//! | rest | 200, `Content-Range` for less than everything | ask for the whole file |
//! | rest | 416 | ask for the whole file |
//! | rest | 206, no `Content-Range`, or one that makes no sense | ask for the whole file |
//! | rest | 206 that begins elsewhere | ask for the whole file |
//! | rest | 206 with another total, or with none where none is known | ask for the whole file |
//! | rest | 206 whose `Content-Length` isn't the length of its range | ask for the whole file |
//! | rest | 206 of another version, or of one that it doesn't name | ask for the whole file |
//! | rest | 206 up to the last byte | append; then the file is complete |
//! | rest | 206 up to an earlier byte | append; then ask for the rest |

use std::time::{Duration, SystemTime};

use ureq::http::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, DATE, ETAG, HeaderName, LAST_MODIFIED, RETRY_AFTER,
    TRANSFER_ENCODING,
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

    /// Whether an answer with these validators is of the same version as one with
    /// `before`: rule 4.
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
            // Where there is nothing to read, the client doesn't speak of a body.
            None if text(CONTENT_LENGTH) == Some("0") => Framing::Length(0),
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

/// Says what to do with the `answer` to `asked`, given what there is. See the table in
/// the module's docs.
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

#[cfg(test)]
mod tests {
    use ureq::http::HeaderValue;

    use super::*;

    const URL: &str = "http://a/file";
    const MONDAY: &str = "Mon, 02 Nov 2026 08:00:00 GMT";
    const A_SECOND_LATER: &str = "Mon, 02 Nov 2026 08:00:01 GMT";

    /// An answer whose headers are written as they are sent, with ` | ` between them.
    fn answer(status: u16, headers: &str, framing: Framing) -> Answer {
        answer_in(HttpVersion::HTTP_11, status, headers, framing)
    }

    fn answer_in(version: HttpVersion, status: u16, headers: &str, framing: Framing) -> Answer {
        let mut map = HeaderMap::new();
        for line in headers.split(" | ").filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(": ").unwrap();
            map.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        let length = match framing {
            Framing::Length(length) => Some(length),
            Framing::Chunked => {
                map.entry(TRANSFER_ENCODING).or_insert(HeaderValue::from_static("chunked"));
                None
            }
            Framing::Close => None,
        };
        Answer::of(status, version, &map, length)
    }

    fn validators(headers: &str) -> Validators {
        answer(200, headers, Framing::Close).validators
    }

    fn have(bytes: u64, headers: &str, total: Option<u64>) -> Have {
        Have { bytes, version: Some(Version { url: URL.into(), validators: validators(headers), total }) }
    }

    #[test]
    fn every_row_of_the_table() {
        use Framing::{Chunked, Close, Length};
        // 80,000 of 200,000 bytes are there.
        let part = have(80_000, "etag: \"v1\"", Some(200_000));
        let whole = || Ask::Whole;
        let rest = || Ask::Rest { from: 80_000, if_range: "\"v1\"".into() };
        let begin = |headers, total| {
            Action::Begin(Version { url: URL.into(), validators: validators(headers), total })
        };
        let append = |to| Action::Append { from: 80_000, to, total: 200_000 };
        let wait = |seconds: Option<u64>, status| {
            Action::Wait(seconds.map(Duration::from_secs), format!("the server answered {status}"))
        };
        let gives_up = |why: &str| Action::GiveUp(why.into());
        let encoded = "the server has encoded the file although it was asked not to";
        let slice = "the server sent a slice of the file as if it were the whole";
        let endless = "the server doesn't say where the file ends: a broken connection would look the same";
        let end = "content-range: bytes 80000-199999/200000";
        let v1 = "etag: \"v1\"";
        let rows = [
            // Busy.
            (whole(), answer(503, "", Length(0)), wait(None, 503)),
            (rest(), answer(503, "retry-after: 3", Length(0)), wait(Some(3), 503)),
            (rest(), answer(429, "retry-after: 0", Length(0)), wait(Some(0), 429)),
            (rest(), answer(502, "", Close), wait(None, 502)),
            (whole(), answer(504, "retry-after: soon", Chunked), wait(None, 504)),
            // Another status.
            (whole(), answer(404, "", Length(9)), gives_up("the server answered 404")),
            (rest(), answer(500, "", Length(9)), gives_up("the server answered 500")),
            (rest(), answer(203, v1, Length(200_000)), gives_up("the server answered 203")),
            (rest(), answer(204, v1, Length(0)), gives_up("the server answered 204")),
            (whole(), answer(304, v1, Length(0)), gives_up("the server answered 304")),
            // Encoded.
            (
                whole(),
                answer(200, "content-encoding: gzip", Length(9)),
                gives_up(&format!("{encoded} (content-encoding: gzip)")),
            ),
            (
                rest(),
                answer(206, &format!("{end} | {v1} | content-encoding: br"), Length(120_000)),
                gives_up(&format!("{encoded} (content-encoding: br)")),
            ),
            (
                whole(),
                answer(200, "transfer-encoding: gzip, chunked", Chunked),
                gives_up(&format!("{encoded} (transfer-encoding: gzip, chunked)")),
            ),
            (whole(), answer(200, "content-encoding: Identity", Length(9)), begin("", Some(9))),
            // What wasn't asked.
            (
                whole(),
                answer(206, end, Length(120_000)),
                gives_up("the server sent a part of the file, which wasn't asked for"),
            ),
            (
                whole(),
                answer(416, "content-range: bytes */9", Length(0)),
                gives_up("the server answered 416"),
            ),
            // A slice as a whole file.
            (whole(), answer(200, end, Length(120_000)), gives_up(slice)),
            (whole(), answer(200, end, Chunked), gives_up(slice)),
            (whole(), answer(200, "content-range: nonsense", Length(9)), gives_up(slice)),
            (whole(), answer(200, "content-range: bytes 0-8/*", Length(9)), gives_up(slice)),
            (whole(), answer(200, "content-range: bytes 0-8/9", Length(8)), gives_up(slice)),
            (whole(), answer(200, "content-range: bytes 0-8/9", Length(9)), begin("", Some(9))),
            (whole(), answer(200, "content-range: bytes 0-8/9", Chunked), begin("", Some(9))),
            // No end.
            (whole(), answer(200, v1, Close), gives_up(endless)),
            (rest(), answer(200, v1, Close), gives_up(endless)),
            (
                whole(),
                answer_in(HttpVersion::HTTP_10, 200, "transfer-encoding: chunked", Chunked),
                gives_up(endless),
            ),
            // A whole file.
            (whole(), answer(200, v1, Length(200_000)), begin(v1, Some(200_000))),
            (whole(), answer(200, v1, Length(0)), begin(v1, Some(0))),
            (whole(), answer(200, "", Chunked), begin("", None)),
            (rest(), answer(200, "etag: \"v2\"", Length(7)), begin("etag: \"v2\"", Some(7))),
            // The rest was asked for, and isn't there.
            (rest(), answer(200, end, Length(120_000)), Action::AskForWhole(slice)),
            (rest(), answer(200, end, Chunked), Action::AskForWhole(slice)),
            (
                rest(),
                answer(416, "content-range: bytes */80000", Length(0)),
                Action::AskForWhole("the server has no such part"),
            ),
            (
                rest(),
                answer(206, v1, Length(120_000)),
                Action::AskForWhole("the server sent a part without saying which"),
            ),
            // It begins elsewhere.
            (
                rest(),
                answer(206, &format!("content-range: bytes 79999-199999/200000 | {v1}"), Length(120_001)),
                Action::AskForWhole("the server sent another part than was asked for"),
            ),
            (
                rest(),
                answer(206, &format!("content-range: bytes 0-199999/200000 | {v1}"), Length(200_000)),
                Action::AskForWhole("the server sent another part than was asked for"),
            ),
            // Another total.
            (
                rest(),
                answer(206, &format!("content-range: bytes 80000-199999/200001 | {v1}"), Length(120_000)),
                Action::AskForWhole("the file has another size now"),
            ),
            (
                rest(),
                answer(206, &format!("content-range: bytes 80000-200000/* | {v1}"), Length(120_001)),
                Action::AskForWhole("the server sent more than the file has"),
            ),
            (
                rest(),
                answer(206, &format!("content-range: bytes 80000-199999/* | {v1}"), Length(120_000)),
                append(200_000),
            ),
            // Another length.
            (
                rest(),
                answer(206, &format!("{end} | {v1}"), Length(119_999)),
                Action::AskForWhole("the server sent a part of another length than it said"),
            ),
            // Another version.
            (
                rest(),
                answer(206, &format!("{end} | etag: \"v2\""), Length(120_000)),
                Action::AskForWhole("the server has another version of the file now"),
            ),
            (
                rest(),
                answer(206, &format!("{end} | etag: W/\"v1\""), Length(120_000)),
                Action::AskForWhole("the server has another version of the file now"),
            ),
            (
                rest(),
                answer(206, end, Length(120_000)),
                Action::AskForWhole("the server has another version of the file now"),
            ),
            // The rest, up to the end or not.
            (rest(), answer(206, &format!("{end} | {v1}"), Length(120_000)), append(200_000)),
            (rest(), answer(206, &format!("{end} | {v1}"), Chunked), append(200_000)),
            (rest(), answer(206, &format!("{end} | {v1}"), Close), append(200_000)),
            (
                rest(),
                answer(206, &format!("content-range: BYTES 80000-129999/200000 | {v1}"), Length(50_000)),
                append(130_000),
            ),
        ];
        for (number, (asked, answer, action)) in rows.into_iter().enumerate() {
            assert_eq!(decide(URL, &part, &asked, &answer), action, "row {number}: {asked:?}, {answer:?}");
        }
    }

    #[test]
    fn a_part_whose_total_is_not_known_needs_an_answer_that_says_it() {
        let part = have(80_000, "etag: \"v1\"", None);
        let asked = ask(URL, &part);
        let range = |text: &str| {
            let head = format!("content-range: bytes {text} | etag: \"v1\"");
            decide(URL, &part, &asked, &answer(206, &head, Framing::Chunked))
        };
        assert_eq!(
            range("80000-199999/200000"),
            Action::Append { from: 80_000, to: 200_000, total: 200_000 }
        );
        assert_eq!(
            range("80000-199999/*"),
            Action::AskForWhole("the server doesn't say how large the file is")
        );
    }

    #[test]
    fn each_validator_that_both_answers_carry_must_be_equal() {
        let dated = |date: &str| format!("last-modified: {date} | date: Mon, 02 Nov 2026 09:00:00 GMT");
        let after = |before: &str, now: &str| {
            let part = have(80_000, before, Some(200_000));
            let head = format!("content-range: bytes 80000-199999/200000 | {now}");
            let asked = Ask::Rest { from: 80_000, if_range: "?".into() };
            let action = decide(URL, &part, &asked, &answer(206, &head, Framing::Length(120_000)));
            matches!(action, Action::Append { .. })
        };
        let both = |tag: &str, date: &str| format!("etag: {tag} | {}", dated(date));
        assert!(after(&both("\"v1\"", MONDAY), &both("\"v1\"", MONDAY)));
        assert!(after(&both("\"v1\"", MONDAY), "etag: \"v1\""));
        assert!(!after(&both("\"v1\"", MONDAY), &both("\"v1\"", A_SECOND_LATER)));
        assert!(!after(&both("\"v1\"", MONDAY), &dated(MONDAY)));
        assert!(after(&dated(MONDAY), &dated(MONDAY)));
        assert!(after(&dated(MONDAY), &both("\"v1\"", MONDAY)));
        assert!(!after(&dated(MONDAY), &dated(A_SECOND_LATER)));
        assert!(!after(&dated(MONDAY), "etag: \"v1\""));
        assert!(!after(&dated(MONDAY), ""));
    }

    #[test]
    fn only_a_version_with_a_strong_name_is_resumed() {
        let asks = |bytes, headers: &str, total| ask(URL, &have(bytes, headers, total));
        let rest = |from, if_range: &str| Ask::Rest { from, if_range: if_range.into() };
        let dated = |date: &str| format!("last-modified: {MONDAY} | date: {date}");
        assert_eq!(asks(80, "etag: \"v1\"", Some(200)), rest(80, "\"v1\""));
        assert_eq!(asks(80, "etag: \"v1\"", None), rest(80, "\"v1\""));
        assert_eq!(asks(80, &dated(A_SECOND_LATER), None), rest(80, MONDAY));
        assert_eq!(asks(80, &format!("etag: \"v1\" | {}", dated(A_SECOND_LATER)), None), rest(80, "\"v1\""));
        // Within the same second; before the change; with no date to compare; with a weak
        // tag beside it.
        assert_eq!(asks(80, &dated(MONDAY), None), Ask::Whole);
        assert_eq!(asks(80, &dated("Mon, 02 Nov 2026 07:00:00 GMT"), None), Ask::Whole);
        assert_eq!(asks(80, &format!("last-modified: {MONDAY}"), None), Ask::Whole);
        assert_eq!(asks(80, &format!("etag: W/\"v1\" | {}", dated(A_SECOND_LATER)), None), Ask::Whole);
        assert_eq!(asks(80, "", Some(200)), Ask::Whole);
        // Nothing there; more there than there can be; complete, so the last byte again.
        assert_eq!(asks(0, "etag: \"v1\"", Some(200)), Ask::Whole);
        assert_eq!(asks(201, "etag: \"v1\"", Some(200)), Ask::Whole);
        assert_eq!(asks(200, "etag: \"v1\"", Some(200)), rest(199, "\"v1\""));
        // Another URL, or a note that can't be read.
        assert_eq!(ask("http://b/file", &have(80, "etag: \"v1\"", Some(200))), Ask::Whole);
        assert_eq!(ask(URL, &Have { bytes: 80, version: None }), Ask::Whole);
    }

    #[test]
    fn a_wait_is_in_seconds_or_until_a_date() {
        assert_eq!(wait_of("120"), Some(Duration::from_secs(120)));
        assert_eq!(wait_of("Thu, 01 Jan 1970 00:00:00 GMT"), Some(Duration::ZERO));
        let in_an_hour = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3600));
        assert!((3000..=3600).contains(&wait_of(&in_an_hour).unwrap().as_secs()));
        assert_eq!(wait_of("soon"), None);
        assert_eq!(wait_of("-1"), None);
    }

    #[test]
    fn a_note_is_read_back_and_a_damaged_one_is_not() {
        let dated = format!("last-modified: {MONDAY} | date: {A_SECOND_LATER}");
        for headers in ["", "etag: W/\"v 1\"", &dated, &format!("etag: \"\" | last-modified: {MONDAY}")] {
            for total in [None, Some(0), Some(u64::MAX)] {
                let version = have(1, headers, total).version.unwrap();
                let note = to_note(&version);
                assert_eq!(from_note(&note), Some(version), "{note}");
                // What a kill or a full disk leaves of it.
                for length in 0..note.len() {
                    assert_eq!(from_note(&note[..length]), None, "the first {length} bytes of\n{note}");
                }
            }
        }
        let note = to_note(&have(1, "etag: \"v1\"", Some(7)).version.unwrap());
        for damaged in [
            "\"v1\"".into(),
            note.replace("total 7", "total seven"),
            note.replace("url", "URL"),
            note.replace("v1", "v\r1"),
            note.replace("etag", "\0"),
        ] {
            assert_eq!(from_note(&damaged), None, "{damaged}");
        }
    }
}
