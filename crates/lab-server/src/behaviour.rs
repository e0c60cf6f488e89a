//! What a URL asks of the server: `?latency=100ms&status=503&retry-after=1`.

use std::time::Duration;

/// How one request is answered; each field is a query parameter of the same name (`-` for `_`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behaviour {
    /// `latency=100ms`: wait before answering.
    pub latency: Duration,
    /// `jitter=20ms`: wait up to this much longer, by the seed.
    pub jitter: Duration,
    /// `status=503`: the status code, 200 to 599.
    pub status: u16,
    /// `size=1000`: a body of so many bytes, [`body_byte`] each; without it the body is a line of text.
    pub size: Option<u64>,
    /// `rate=10000`: send the body at about so many bytes a second.
    pub rate: Option<u64>,
    /// `fault=…`: misbehave.
    pub fault: Option<Fault>,
    /// `fail=2`: answer 503 to the first two requests for this path.
    pub fail: u64,
    /// `flaky=30`: answer 503 to about 30 in 100 requests, by the seed.
    pub flaky: u64,
    /// `retry-after=1`: send that header, in seconds, with an answer of 429 or 503.
    pub retry_after: Option<u64>,
    /// `hold=yes`: answer only after [`LabServer::release`](crate::LabServer::release).
    pub hold: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Behaviour {
            latency: Duration::ZERO,
            jitter: Duration::ZERO,
            status: 200,
            size: None,
            rate: None,
            fault: None,
            fail: 0,
            flaky: 0,
            retry_after: None,
            hold: false,
        }
    }
}

/// The ways in which an answer can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// `fault=hang`: the request is read and nothing is ever answered.
    Hang,
    /// `fault=reset`: the connection is reset (RST), as by a crashed server.
    Reset,
    /// `fault=close`: the connection is closed in good order, without a byte of an answer.
    Close,
    /// `fault=garbage`: the answer is not HTTP.
    Garbage,
    /// `fault=truncate`: the body ends before its `Content-Length`.
    Truncate,
}

impl Behaviour {
    /// This behaviour with what `query` changes; the error says which parameter is wrong and why.
    ///
    /// # Errors
    /// When a parameter is unknown or its value cannot be read.
    pub fn with_query(&self, query: &str) -> Result<Behaviour, String> {
        let mut asked = self.clone();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let number = || value.parse::<u64>().map_err(|_| format!("{key}={value}: not a whole number"));
            match key {
                "latency" => asked.latency = parse_duration(value)?,
                "jitter" => asked.jitter = parse_duration(value)?,
                "status" => {
                    asked.status = u16::try_from(number()?)
                        .ok()
                        .filter(|status| (200..600).contains(status))
                        .ok_or_else(|| format!("{key}={value}: a status is 200 to 599"))?;
                }
                "size" => asked.size = Some(number()?),
                "rate" => asked.rate = Some(number()?.max(1)),
                "fail" => asked.fail = number()?,
                "flaky" => asked.flaky = number()?,
                "retry-after" => asked.retry_after = Some(number()?),
                "hold" => asked.hold = value == "yes",
                "fault" => {
                    asked.fault = Some(match value {
                        "hang" => Fault::Hang,
                        "reset" => Fault::Reset,
                        "close" => Fault::Close,
                        "garbage" => Fault::Garbage,
                        "truncate" => Fault::Truncate,
                        _ => {
                            return Err(format!(
                                "{key}={value}: one of hang, reset, close, garbage, truncate"
                            ));
                        }
                    });
                }
                // Lets a demo give each of its URLs a name of its own: /a?n=7.
                "n" => {}
                _ => return Err(format!("{key}: no such parameter")),
            }
        }
        Ok(asked)
    }
}

/// Reads `100ms`, `1.5s`, `250us` or `2m`, and a plain number as seconds; the error is a clause for a person.
///
/// # Errors
/// When the text is no length of time.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let seconds = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" | "" => 1.0,
        "m" => 60.0,
        _ => return Err(format!("'{text}' is no length of time: write 100ms, 1.5s or 2m")),
    };
    number
        .parse::<f64>()
        .ok()
        .and_then(|number| Duration::try_from_secs_f64(number * seconds).ok())
        .filter(|&time| time <= Duration::from_secs(86_400))
        .ok_or_else(|| format!("'{text}' is no length of time up to a day: write 100ms, 1.5s or 2m"))
}

/// As [`parse_duration`], for a time-out: one of no length would be over before anybody could answer.
///
/// # Errors
/// When the text is no length of time, or is 0.
pub fn parse_timeout(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        Duration::ZERO => Err(format!("nobody can answer within '{text}': write 500ms or 5s")),
        time => Ok(time),
    }
}

/// The byte at `position` of every body that has a `size`, so that a client can check what it was sent.
pub fn body_byte(position: u64) -> u8 {
    // One mixed word for every eight bytes: no two places of a body look alike, and a shifted copy is noticed.
    mix(position / 8).to_le_bytes()[usize::try_from(position % 8).expect("less than eight")]
}

/// SplitMix64's finalizer (Steele, Lea and Flood 2014): equal inputs, equal outputs; neighbours unlike.
pub(crate) fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_changes_only_what_it_names() {
        let usual = Behaviour { latency: Duration::from_millis(5), ..Behaviour::default() };
        let asked = usual.with_query("status=503&retry-after=2&n=7").unwrap();
        assert_eq!(asked, Behaviour { status: 503, retry_after: Some(2), ..usual });
    }

    #[test]
    fn a_bad_query_is_explained() {
        for (query, says) in [
            ("status=99", "200 to 599"),
            ("latency=fast", "write 100ms"),
            ("size=-1", "whole number"),
            ("sleep=1s", "no such parameter"),
            ("fault=fire", "one of hang"),
        ] {
            let error = Behaviour::default().with_query(query).unwrap_err();
            assert!(error.contains(says), "{query}: {error}");
        }
    }

    #[test]
    fn durations_have_units() {
        assert_eq!(parse_duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse_duration("250us"), Ok(Duration::from_micros(250)));
        assert_eq!(parse_duration("5"), Ok(Duration::from_secs(5)));
        assert_eq!(parse_duration("0.5"), Ok(Duration::from_millis(500)));
        for bad in ["", ".", "ms", "-1s", "1.2.3s", "1e9s", "99999999m", "86401"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_time_out_has_some_length() {
        assert_eq!(parse_timeout("5"), Ok(Duration::from_secs(5)));
        for none in ["0", "0s", "0.0ms"] {
            assert!(parse_timeout(none).unwrap_err().contains("write 500ms or 5s"), "{none}");
        }
        assert!(parse_timeout("soon").is_err());
    }
}
