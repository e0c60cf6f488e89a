//! A word for every way to fail.

use std::fmt;
use std::io::ErrorKind;

use ureq::Error;

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
    /// No connection came about in time: packets are lost on the way.
    NoConnection,
    /// It accepted the connection and did not answer in time.
    Silent,
    /// It began to answer and did not end in time.
    Slow,
    /// Its certificate is not one to trust; the text says why.
    BadCertificate(String),
    /// The answer is not HTTP; the text says what is wrong with it.
    Malformed(String),
    /// There is no such host.
    NoSuchHost,
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
            Health::NoConnection => "unreachable",
            Health::Silent => "silent",
            Health::Slow => "slow",
            Health::BadCertificate(_) => "certificate",
            Health::Malformed(_) => "malformed",
            Health::NoSuchHost => "no-host",
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
            Health::NoConnection => f.write_str("no connection in time"),
            Health::Silent => f.write_str("no answer in time"),
            Health::Slow => f.write_str("an answer without end in time"),
            Health::NoSuchHost => f.write_str("no such host"),
            Health::BadCertificate(why)
            | Health::Malformed(why)
            | Health::BadUrl(why)
            | Health::Other(why) => f.write_str(why),
        }
    }
}

/// The finding for an error of the library; `answering` says that the answer had begun.
pub(crate) fn finding(error: Error, answering: bool) -> Health {
    match error {
        Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => Health::NoConnection,
        Error::Timeout(_) if answering => Health::Slow,
        Error::Timeout(_) => Health::Silent,
        Error::HostNotFound => Health::NoSuchHost,
        Error::Rustls(why) => Health::BadCertificate(why.to_string()),
        Error::Http(_) | Error::BadUri(_) => Health::BadUrl(error.to_string()),
        Error::Protocol(_) | Error::LargeResponseHeader(..) => Health::Malformed(error.to_string()),
        Error::Io(why) => match why.kind() {
            // A body's reader wraps the library's errors in the system's.
            _ if wraps::<Error>(&why) => {
                let inner = why.into_inner().and_then(|inner| inner.downcast().ok());
                inner.map_or_else(
                    || Health::Other("an error without a cause".into()),
                    |inner| finding(*inner, answering),
                )
            }
            _ if wraps::<rustls::Error>(&why) => Health::BadCertificate(why.to_string()),
            ErrorKind::ConnectionRefused => Health::Refused,
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
                Health::Reset
            }
            ErrorKind::UnexpectedEof => Health::Closed,
            ErrorKind::TimedOut | ErrorKind::WouldBlock if answering => Health::Slow,
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Health::Silent,
            _ => Health::Other(why.to_string()),
        },
        other => Health::Other(other.to_string()),
    }
}

/// Whether the system's error is a coat round one of the kind `E`.
fn wraps<E: std::error::Error + 'static>(error: &std::io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.downcast_ref::<E>().is_some())
}
