//! One connection: requests are read and answered in turn until either side has had enough.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use crate::behaviour::{Behaviour, Fault, body_byte};
use crate::state::State;

/// The most that is sent in one write, whatever the rate.
const LONGEST_PIECE: u64 = 64 * 1024;

/// Serves a plain connection to its end.
pub(crate) fn serve(socket: Arc<TcpStream>, number: u64, state: &State) {
    let _ = socket.set_nodelay(true);
    if requests(&*socket, state) == Ending::Reset {
        // With a linger time of nought, the close sends RST in place of FIN.
        let _ = socket2::SockRef::from(&socket).set_linger(Some(Duration::ZERO));
    }
    // The state drops the last handle: a connection that is counted as closed is closed.
    drop(socket);
    state.closed(number);
}

/// How a connection ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Close,
    Reset,
}

/// Reads and answers requests until the connection is to be closed or reset.
pub(crate) fn requests(stream: impl Read + Write, state: &State) -> Ending {
    let mut stream = BufReader::new(stream);
    loop {
        let request = match read_request(&mut stream) {
            Ok(Some(request)) => request,
            // The client is gone, or went on after its end.
            Ok(None) => return Ending::Close,
            Err(problem) => {
                let _ = write!(
                    stream.get_mut(),
                    "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\nX-Why: {problem}\r\n\r\n"
                );
                return Ending::Close;
            }
        };
        match answer(stream.get_mut(), &request, state) {
            Ok(Next::Keep) if request.keep_alive => {}
            Ok(Next::End(ending)) => return ending,
            Ok(Next::Keep) | Err(_) => return Ending::Close,
        }
    }
}

struct Request {
    head_only: bool,
    path: String,
    query: String,
    /// The first byte wanted and, if named, the last.
    range: Option<(u64, Option<u64>)>,
    /// The entity tag for which the range is meant; another one gets the whole body.
    if_range: Option<String>,
    keep_alive: bool,
}

/// The next request; `None` at the end of the connection.
fn read_request(stream: &mut impl BufRead) -> Result<Option<Request>, String> {
    let mut stream = stream.take(16 * 1024);
    let mut line = String::new();
    let next = |line: &mut String, stream: &mut io::Take<_>| -> Result<bool, String> {
        line.clear();
        let read = BufRead::read_line(stream, line);
        Ok(read.is_ok_and(|bytes| bytes > 0))
    };
    if !next(&mut line, &mut stream)? {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let (Some(method), Some(target), Some(version)) = (words.next(), words.next(), words.next()) else {
        return Err("the first line is not a request".into());
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request {
        head_only: method == "HEAD",
        path: path.into(),
        query: query.into(),
        range: None,
        if_range: None,
        keep_alive: version == "HTTP/1.1",
    };
    let mut body = 0;
    loop {
        if !next(&mut line, &mut stream)? {
            return if stream.limit() == 0 { Err("the head is over 16 KiB".into()) } else { Ok(None) };
        }
        let header = line.trim_end();
        if header.is_empty() {
            break;
        }
        let Some((name, value)) = header.split_once(':') else {
            return Err("a header without a colon".into());
        };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "connection" => request.keep_alive = !value.eq_ignore_ascii_case("close"),
            "content-length" => body = value.parse().map_err(|_| "Content-Length is not a number")?,
            // A range that cannot be read is ignored, as RFC 9110 section 14.2 asks.
            "range" => request.range = parse_range(value),
            "if-range" => request.if_range = Some(value.into()),
            _ => {}
        }
    }
    let discarded = io::copy(&mut stream.into_inner().take(body), &mut io::sink());
    Ok(discarded.is_ok_and(|bytes| bytes == body).then_some(request))
}

fn parse_range(value: &str) -> Option<(u64, Option<u64>)> {
    let (first, last) = value.strip_prefix("bytes=")?.split_once('-')?;
    let last = if last.is_empty() { None } else { Some(last.parse().ok()?) };
    Some((first.parse().ok()?, last))
}

enum Next {
    Keep,
    End(Ending),
}

fn answer(stream: &mut (impl Read + Write), request: &Request, state: &State) -> io::Result<Next> {
    let visit = state.arrived(&request.path);
    let worked = state.begin_work();
    let mut out = InFlight { state, worked, counted: true };
    let asked = match state.usual.with_query(&request.query) {
        Ok(asked) => asked,
        Err(problem) => {
            let text = format!("{problem}\n").into_bytes();
            return send(stream, request, &mut out, 400, None, &Body::Text(text), None);
        }
    };
    if !worked {
        let text = Body::Text(b"over the limit\n".to_vec());
        return send(stream, request, &mut out, 503, Some(1), &text, None);
    }
    if asked.hold {
        state.wait_for_release();
    }
    let jitter = u64::try_from(asked.jitter.as_micros()).unwrap_or(u64::MAX);
    let jitter = Duration::from_micros(state.chance(&request.path, visit, 1, jitter));
    state.pause(asked.latency + jitter);
    if let Some(fault) = asked.fault {
        return misbehave(stream, fault, &mut out);
    }
    let unlucky = visit < asked.fail || state.chance(&request.path, visit, 2, 100) < asked.flaky;
    let status = if unlucky { 503 } else { asked.status };
    let retry_after = asked.retry_after.filter(|_| matches!(status, 429 | 503));
    send(stream, request, &mut out, status, retry_after, &Body::of(&asked, status), asked.rate)
}

/// The request's place in the counts, given back once.
struct InFlight<'a> {
    state: &'a State,
    worked: bool,
    counted: bool,
}

impl InFlight<'_> {
    fn done(&mut self) {
        if self.counted {
            self.counted = false;
            self.state.answered(self.worked);
        }
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.done();
    }
}

fn misbehave(stream: &mut (impl Read + Write), fault: Fault, out: &mut InFlight) -> io::Result<Next> {
    match fault {
        Fault::Hang => {
            // Ends when the client gives up or the server closes; what it sends until then is nobody's business.
            io::copy(stream, &mut io::sink())?;
        }
        Fault::Reset => {
            out.done();
            return Ok(Next::End(Ending::Reset));
        }
        Fault::Close => out.done(),
        Fault::Garbage => {
            out.done();
            stream.write_all(b"\x16\x03 this is not HTTP\r\n\r\n")?;
        }
        Fault::Truncate => {
            out.done();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this much")?;
        }
    }
    Ok(Next::End(Ending::Close))
}

enum Body {
    Text(Vec<u8>),
    Sized(u64),
}

impl Body {
    fn of(asked: &Behaviour, status: u16) -> Body {
        match asked.size {
            Some(size) => Body::Sized(size),
            None => Body::Text(format!("{status} {}\n", reason(status)).into_bytes()),
        }
    }

    fn len(&self) -> u64 {
        match self {
            Body::Text(text) => text.len() as u64,
            Body::Sized(size) => *size,
        }
    }

    fn piece(&self, from: u64, to: u64) -> Vec<u8> {
        (from..to)
            .map(|position| match self {
                Body::Text(text) => text[usize::try_from(position).expect("a short text")],
                Body::Sized(_) => body_byte(position),
            })
            .collect()
    }
}

fn send(
    stream: &mut impl Write,
    request: &Request,
    out: &mut InFlight,
    status: u16,
    retry_after: Option<u64>,
    body: &Body,
    rate: Option<u64>,
) -> io::Result<Next> {
    let len = body.len();
    let (mut status, mut from, mut to) = (status, 0, len);
    let mut headers = String::new();
    // The bytes depend on nothing but their position, so equal lengths are equal bodies.
    let tag = format!("\"{len}\"");
    let range = request.range.filter(|_| request.if_range.as_ref().is_none_or(|meant| *meant == tag));
    if let (200, Body::Sized(_), Some((first, last))) = (status, body, range) {
        if first >= len || last.is_some_and(|last| last < first) {
            (status, to) = (416, 0);
            headers = format!("Content-Range: bytes */{len}\r\n");
        } else {
            (status, from, to) = (206, first, last.map_or(len, |last| len.min(last.saturating_add(1))));
            headers = format!("Content-Range: bytes {from}-{}/{len}\r\n", to - 1);
        }
    }
    if let Some(seconds) = retry_after {
        headers += &format!("Retry-After: {seconds}\r\n");
    }
    if matches!(body, Body::Sized(_)) {
        headers += &format!("Accept-Ranges: bytes\r\nETag: {tag}\r\n");
    }
    if !request.keep_alive {
        headers += "Connection: close\r\n";
    }
    let mut bytes =
        format!("HTTP/1.1 {status} {}\r\nContent-Length: {}\r\n{headers}\r\n", reason(status), to - from)
            .into_bytes();
    if request.head_only {
        to = from;
    }
    // The head travels with the first piece of the body: one packet for a short answer.
    let piece = rate.map_or(LONGEST_PIECE, |rate| (rate / 50).clamp(1, LONGEST_PIECE));
    loop {
        let upto = to.min(from.saturating_add(piece));
        bytes.extend(body.piece(from, upto));
        if upto == to {
            out.done();
        }
        stream.write_all(&bytes)?;
        if upto == to {
            return Ok(Next::Keep);
        }
        bytes.clear();
        if let Some(rate) = rate {
            stream.flush()?;
            out.state.pause(Duration::from_secs_f64((upto - from) as f64 / rate as f64));
        }
        from = upto;
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        416 => "Range Not Satisfiable",
        418 => "I'm a teapot",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Status",
    }
}
