//! One request, made by a thread that can be abandoned.
//!
//! A thread that is looking up a name, connecting or reading cannot be interrupted by a
//! message: it isn't listening. So the thread that decides doesn't do any of that. It
//! starts another one for the request and waits for what arrives: a piece of the file, a
//! change of the user's wish, or nothing for too long. In the last two cases it closes
//! the connection and leaves. The other thread ends when its call returns, and that isn't
//! waited for.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use ureq::http::header::{ACCEPT_ENCODING, IF_RANGE, RANGE};
use ureq::{Agent, Error, Proxy};

use crate::resume::{Answer, Ask};
use crate::{Control, Settings, Wish};

/// What arrives at the thread that decides.
pub(crate) enum Arrival {
    /// The status and the headers.
    Head(Answer),
    /// A piece of the body.
    Piece(Vec<u8>),
    /// The server has said that the body is complete.
    End,
    /// The request failed, or the body broke off.
    Failed(Failed),
    /// The user wants something else.
    Wish,
}

/// Why a request failed, and whether asking again can help.
pub(crate) struct Failed {
    pub(crate) why: String,
    pub(crate) may_pass: bool,
}

/// A request that is under way. Dropping it closes its connection.
pub(crate) struct Fetch<'a> {
    agent: Agent,
    inbox: Receiver<Arrival>,
    control: &'a Control,
    silence: Duration,
}

impl<'a> Fetch<'a> {
    pub(crate) fn start(
        settings: &Settings,
        url: &str,
        ask: &Ask,
        control: &'a Control,
    ) -> Result<Fetch<'a>, Failed> {
        let agent = client(settings);
        // Room for one: the server is read no faster than the disk is written.
        let (out, inbox) = sync_channel(1);
        control.announce_to(Some(out.clone()));
        let fetch = Fetch { agent: agent.clone(), inbox, control, silence: settings.silence };
        let (url, ask) = (url.to_owned(), ask.clone());
        thread::Builder::new()
            .name("fetch".into())
            .spawn(move || talk(&agent, &url, &ask, &out))
            .map_err(|why| Failed { why: format!("no thread for the request: {why}"), may_pass: true })?;
        Ok(fetch)
    }

    /// Waits for what arrives next. `None` means that the user wants something else.
    pub(crate) fn next(&self) -> Result<Option<Arrival>, Failed> {
        let until = Instant::now() + self.silence;
        loop {
            if self.control.wish() != Wish::Run {
                return Ok(None);
            }
            match self.inbox.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Arrival::Wish) => {}
                Ok(Arrival::Failed(failed)) => return Err(failed),
                Ok(arrival) => return Ok(Some(arrival)),
                Err(RecvTimeoutError::Timeout) => {
                    let why = format!("nothing arrived for {:?}", self.silence);
                    return Err(Failed { why, may_pass: true });
                }
                Err(RecvTimeoutError::Disconnected) => unreachable!("the control holds a sender"),
            }
        }
    }
}

impl Drop for Fetch<'_> {
    fn drop(&mut self) {
        self.control.announce_to(None);
        self.agent.clone().shutdown();
    }
}

/// A client for one request: shutting it down closes that request's connection and no
/// other.
fn client(settings: &Settings) -> Agent {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        // These bound how long an abandoned thread lives.
        .timeout_resolve(Some(settings.silence))
        .timeout_connect(Some(settings.silence))
        .timeout_per_read(Some(settings.silence));
    if !settings.proxy {
        config = config.proxy(None);
    }
    config.build().new_agent()
}

/// Makes the request and sends what arrives, until the body ends or the receiver is gone.
fn talk(agent: &Agent, url: &str, ask: &Ask, out: &SyncSender<Arrival>) {
    let mut request = agent.get(url).header(ACCEPT_ENCODING, "identity");
    if let Ask::Rest { from, if_range } = ask {
        request = request.header(RANGE, format!("bytes={from}-")).header(IF_RANGE, if_range);
    }
    let answer = match request.call() {
        Ok(answer) => answer,
        Err(error) => {
            let _ = out.send(Arrival::Failed(in_words(&error, agent, url)));
            return;
        }
    };
    let (status, length) = (answer.status().as_u16(), answer.body().content_length());
    let head = Answer::of(status, answer.version(), answer.headers(), length);
    if out.send(Arrival::Head(head)).is_err() {
        return;
    }
    let mut body = answer.into_body().into_reader();
    loop {
        let mut piece = vec![0; 16 * 1024];
        let arrival = match std::io::Read::read(&mut body, &mut piece) {
            Ok(0) => Arrival::End,
            Ok(read) => {
                piece.truncate(read);
                Arrival::Piece(piece)
            }
            Err(error) => Arrival::Failed(Failed {
                why: format!("the answer broke off: {}", without_number(&error.to_string())),
                may_pass: true,
            }),
        };
        let last = !matches!(arrival, Arrival::Piece(_));
        if out.send(arrival).is_err() || last {
            return;
        }
    }
}

fn in_words(error: &Error, agent: &Agent, url: &str) -> Failed {
    let final_word = matches!(
        error,
        Error::BadUri(_)
            | Error::Http(_)
            | Error::InvalidProxyUrl
            | Error::RedirectFailed
            | Error::TooManyRedirects
            | Error::TlsRequired
    );
    let mut why = match error {
        Error::TlsRequired => "this demo is built without https: write http://HOST/PATH".into(),
        other => without_number(&other.to_string()),
    };
    let goes_direct = |proxy: &Proxy| url.parse().is_ok_and(|uri| proxy.is_no_proxy(&uri));
    if let Some(proxy) = agent.config().proxy().filter(|proxy| !goes_direct(proxy)) {
        why += &format!(" (through the proxy {}:{}, set in the environment)", proxy.host(), proxy.port());
    }
    Failed { why, may_pass: !final_word }
}

/// The system's words without the number that std appends.
fn without_number(words: &str) -> String {
    words.split(" (os error").next().unwrap_or(words).to_owned()
}
