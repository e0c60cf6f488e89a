//! `executor.map` over URLs: all are fetched at once, and the results come in the order in which you gave them.
//!
//! A fetch that failed is tried again only where that can help and cannot harm: the request is a GET, which asks for
//! nothing to change (it is idempotent), and the failure is one that passes, such as a reset connection or a 503. A 404
//! stays a 404. Each further attempt waits twice as long, with some jitter, so that a server in trouble is not hit by
//! everybody at the same moment again; a server that says `Retry-After` is believed, up to the longest wait.

use std::fmt;
use std::thread;
use std::time::Duration;

use lab_server::{check_url, printable};
use ureq::http::header::RETRY_AFTER;
use ureq::{Agent, Proxy};

/// How patient a fetch is.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How often each URL is tried before it counts as failed; at least 1.
    pub attempts: u32,
    /// What the first retry waits; each later one waits twice as long as the one before it.
    pub first_wait: Duration,
    /// What no retry waits longer than, whatever the server says.
    pub longest_wait: Duration,
}

/// A URL and what came of it.
#[derive(Debug)]
pub struct Fetched {
    /// The URL.
    pub url: String,
    /// How often it was tried; 0 when it is no URL.
    pub attempts: u32,
    /// Status and size of the last answer, or why there was none.
    pub answer: Result<(u16, usize), String>,
}

impl Fetched {
    /// Whether it was answered with a status of success.
    pub fn is_ok(&self) -> bool {
        matches!(self.answer, Ok((200..=299, _)))
    }
}

impl fmt::Display for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.answer {
            Ok((status, size)) => write!(f, "{status:>6} {size:>9} bytes  {}", printable(&self.url))?,
            Err(why) => write!(f, "failed {:>15}  {}: {}", "", printable(&self.url), printable(why))?,
        }
        if self.attempts > 1 { write!(f, "  (attempt {})", self.attempts) } else { Ok(()) }
    }
}

/// Fetches `url`, and again as long as `patience` lasts and the failure may pass; tells each wait before it begins.
pub fn fetch(client: &Agent, url: &str, patience: &Patience, tell: impl Fn(Duration)) -> Fetched {
    if let Err(why) = check_url(url) {
        return Fetched { url: url.into(), attempts: 0, answer: Err(why) };
    }
    let mut attempts = 1;
    loop {
        let (answer, retry_after) = attempt(client, url);
        if attempts == patience.attempts || !may_pass(&answer) {
            let answer = answer.map_err(|why| in_words(&why, client, url));
            return Fetched { url: url.into(), attempts, answer };
        }
        let wait = wait_before_retry(url, attempts, retry_after, patience);
        tell(wait);
        thread::sleep(wait);
        attempts += 1;
    }
}

fn attempt(client: &Agent, url: &str) -> (Result<(u16, usize), ureq::Error>, Option<Duration>) {
    let mut retry_after = None;
    let answer = client.get(url).call().and_then(|mut answer| {
        let header = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        // The header may hold a date as well; then the back-off decides.
        retry_after = header.and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
        Ok((answer.status().as_u16(), answer.body_mut().read_to_vec()?.len()))
    });
    (answer, retry_after)
}

fn may_pass(answer: &Result<(u16, usize), ureq::Error>) -> bool {
    match answer {
        Ok((status, _)) => matches!(status, 429 | 502 | 503 | 504),
        Err(error) => {
            matches!(error, ureq::Error::Io(_) | ureq::Error::Timeout(_) | ureq::Error::ConnectionFailed)
        }
    }
}

fn in_words(error: &ureq::Error, client: &Agent, url: &str) -> String {
    let mut words = match (error, client.config().timeouts().global) {
        (ureq::Error::Timeout(_), Some(limit)) => format!("no answer within {limit:?}"),
        _ => error.to_string(),
    };
    // Otherwise the endpoint is blamed for a proxy that is down.
    let goes_direct = |proxy: &Proxy| url.parse().is_ok_and(|uri| proxy.is_no_proxy(&uri));
    if let Some(proxy) = client.config().proxy().filter(|proxy| !goes_direct(proxy)) {
        words += &format!(" (through the proxy {}:{}, set in the environment)", proxy.host(), proxy.port());
    }
    words
}

/// The wait before the next attempt: twice the last one, of which a part that differs between URLs is left out.
pub fn wait_before_retry(
    url: &str,
    attempts: u32,
    retry_after: Option<Duration>,
    patience: &Patience,
) -> Duration {
    let backed_off = patience.first_wait.saturating_mul(1 << (attempts - 1).min(16));
    // FNV-1a spreads the URLs over 50 to 100 in 100 of the wait: jitter without a source of randomness.
    let hash =
        url.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let jittered = backed_off.mul_f64(0.5 + (hash >> 40) as f64 / f64::from(1 << 25));
    retry_after.unwrap_or(jittered).min(patience.longest_wait)
}
