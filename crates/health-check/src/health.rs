//! A word for every way to fail.

use std::fmt;
use std::io::ErrorKind;

use ureq::Error;

use crate::stage::Stage;

/// What an endpoint said, or how it failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// It answered with this status, 200 to 399.
    Ok(u16),
    /// It answered with this status, and it is one of trouble.
    Status(u16),
    /// Nothing listens there.
    Refused,
    /// The connection was made, and reset before the answer was whole.
    Reset,
    /// The connection was closed before the answer was whole.
    Closed,
    /// No connection came about, in time or at all: what is sent does not arrive, or nobody knows the way; the text says
    /// which.
    NoConnection(String),
    /// It accepted the connection and did not answer in time.
    Silent,
    /// It began to answer and did not end in time.
    Slow,
    /// Its certificate is not one to trust; the text says why.
    BadCertificate(String),
    /// The answer is not HTTP; the text says what is wrong with it.
    Malformed(String),
    /// The name was not resolved: there is no such host, or nobody to ask; the text says which.
    NoSuchHost(String),
    /// The proxy that is set in the environment made no connection; the text says which
    /// one and why.
    Proxy(String),
    /// The URL is none; the text says why.
    BadUrl(String),
    /// Something else; the text is the library's.
    Other(String),
}

impl Health {
    /// One word for the column and for `--json`.
    pub fn word(&self) -> &'static str {
        match self {
            Health::Ok(_) => "ok",
            Health::Status(_) => "status",
            Health::Refused => "refused",
            Health::Reset => "reset",
            Health::Closed => "closed",
            Health::NoConnection(_) => "unreachable",
            Health::Silent => "silent",
            Health::Slow => "slow",
            Health::BadCertificate(_) => "certificate",
            Health::Malformed(_) => "malformed",
            Health::NoSuchHost(_) => "no-host",
            Health::Proxy(_) => "proxy",
            Health::BadUrl(_) => "bad-url",
            Health::Other(_) => "failed",
        }
    }

    /// Whether all is well.
    pub fn is_ok(&self) -> bool {
        matches!(self, Health::Ok(_))
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Health::Ok(status) | Health::Status(status) => write!(f, "{status}"),
            Health::Refused => f.write_str("nothing listens there"),
            Health::Reset => f.write_str("connection reset"),
            Health::Closed => f.write_str("closed before the answer's end"),
            Health::Silent => f.write_str("no answer in time"),
            Health::Slow => f.write_str("an answer without end in time"),
            Health::NoConnection(why)
            | Health::NoSuchHost(why)
            | Health::Proxy(why)
            | Health::BadCertificate(why)
            | Health::Malformed(why)
            | Health::BadUrl(why)
            | Health::Other(why) => f.write_str(why),
        }
    }
}

/// The finding for an error of the library, after a request that came as far as `stage`; `answering` says that the answer
/// had begun.
pub(crate) fn finding(error: Error, stage: Stage, answering: bool) -> Health {
    match error {
        Error::Timeout(_) => out_of_time(stage, answering),
        Error::HostNotFound => Health::NoSuchHost("the name has no address".into()),
        Error::Rustls(why) => Health::BadCertificate(why.to_string()),
        Error::Http(_) | Error::BadUri(_) => Health::BadUrl(error.to_string()),
        Error::Protocol(_) | Error::LargeResponseHeader(..) => Health::Malformed(error.to_string()),
        Error::Io(why) => match why.kind() {
            // A body's reader wraps the library's errors in the system's.
            _ if wraps::<Error>(&why) => {
                let inner = why.into_inner().and_then(|inner| inner.downcast().ok());
                inner.map_or_else(
                    || Health::Other("an error without a cause".into()),
                    |inner| finding(*inner, stage, answering),
                )
            }
            _ if wraps::<rustls::Error>(&why) => Health::BadCertificate(why.to_string()),
            ErrorKind::ConnectionRefused => Health::Refused,
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
                Health::Reset
            }
            ErrorKind::UnexpectedEof => Health::Closed,
            ErrorKind::TimedOut | ErrorKind::WouldBlock => out_of_time(stage, answering),
            ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable => Health::NoConnection(words(&why)),
            ErrorKind::NotFound if stage == Stage::Lookup => Health::NoSuchHost(words(&why)),
            _ => Health::Other(why.to_string()),
        },
        other => Health::Other(other.to_string()),
    }
}

fn out_of_time(stage: Stage, answering: bool) -> Health {
    match stage {
        Stage::Lookup => Health::NoSuchHost("no address in time".into()),
        Stage::Connecting => Health::NoConnection("no connection in time".into()),
        Stage::Connected if answering => Health::Slow,
        Stage::Connected => Health::Silent,
    }
}

/// What the system said, without what std puts around it.
fn words(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
    text.split(" (os error").next().unwrap_or(text).to_owned()
}

/// Whether the system's error is a coat round one of the kind `E`.
fn wraps<E: std::error::Error + 'static>(error: &std::io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.downcast_ref::<E>().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where no network can be had that fails so: the kinds are what std makes of the system's numbers on all three.
    #[test]
    fn what_cannot_be_reached_is_unreachable() {
        for kind in [ErrorKind::NetworkUnreachable, ErrorKind::HostUnreachable, ErrorKind::TimedOut] {
            let health = finding(Error::Io(kind.into()), Stage::Connecting, false);
            assert_eq!(health.word(), "unreachable", "{kind}");
        }
    }

    #[test]
    fn what_time_ran_out_for_has_its_word() {
        let out_of_time = || Error::Timeout(ureq::Timeout::Global);
        assert_eq!(finding(out_of_time(), Stage::Lookup, false).word(), "no-host");
        assert_eq!(finding(out_of_time(), Stage::Connecting, false).word(), "unreachable");
        assert_eq!(finding(out_of_time(), Stage::Connected, false), Health::Silent);
        assert_eq!(finding(out_of_time(), Stage::Connected, true), Health::Slow);
    }
}
