//! `as_completed` over endpoints: whoever answers first is reported first, and the silent one holds nobody up.
//!
//! Going through tasks in the order in which they were submitted would show nothing until the slowest of the first ones
//! has ended. `as_completed` hands out each task as it ends. A pool of 32 asks a thousand endpoints 32 at a time.
//!
//! "It does not work" is no finding. Every way to fail gets its own word, because each asks for a different action: a
//! refused connection means that nothing listens there, a silent one that something does and is stuck.

mod health;
mod stage;

use std::time::{Duration, Instant};

use executor::{Executor, as_completed};
use lab_server::check_url;
use ureq::Agent;

pub use crate::health::Health;
use crate::stage::Stage;

/// One endpoint's health.
#[derive(Debug)]
pub struct Report {
    /// The endpoint's URL.
    pub url: String,
    /// What it said, or how it failed.
    pub health: Health,
    /// From the beginning of the request to the end of the answer.
    pub took: Duration,
}

/// Asks every endpoint, as many at once as the pool has workers, and tells each report as it comes in.
///
/// # Panics
/// When a check panicked, which is a bug in it.
pub fn check_all(pool: &Executor, client: &Agent, urls: &[String], mut tell: impl FnMut(Report)) {
    let submit = |url: &String| {
        let (client, url) = (client.clone(), url.clone());
        pool.submit(move || check(&client, &url))
    };
    let tasks = urls.iter().map(submit).collect();
    for (_, report) in as_completed(tasks, None) {
        tell(report.unwrap());
    }
}

/// Asks one endpoint; ends within the client's time-out.
pub fn check(client: &Agent, url: &str) -> Report {
    let begun = Instant::now();
    let report = |health| Report { url: url.into(), health, took: begun.elapsed() };
    if let Err(why) = check_url(url) {
        return report(Health::BadUrl(why));
    }
    let mut answering = false;
    let status = client.get(url).call().and_then(|mut answer| {
        answering = true;
        // A status alone is no answer: the body has to arrive too. It is thrown away as it comes.
        std::io::copy(&mut answer.body_mut().as_reader(), &mut std::io::sink())?;
        Ok(answer.status().as_u16())
    });
    report(match status {
        Ok(status @ 200..=399) => Health::Ok(status),
        Ok(status) => Health::Status(status),
        Err(error) => {
            let stage = stage::reached();
            let health = health::finding(error, stage, answering);
            // Until there is a connection, only the proxy can have failed.
            match proxy_for(client, url).filter(|_| stage != Stage::Connected) {
                Some(proxy) => Health::Proxy(format!("proxy {proxy}: {health}")),
                None => health,
            }
        }
    })
}

/// Returns the proxy that requests for `url` go through.
fn proxy_for(client: &Agent, url: &str) -> Option<String> {
    let proxy = client.config().proxy()?;
    let goes_direct = url.parse().is_ok_and(|uri| proxy.is_no_proxy(&uri));
    (!goes_direct).then(|| format!("{}:{}", proxy.host(), proxy.port()))
}

/// A client that gives each endpoint `timeout` in all, takes any status for an answer and follows no redirect.
///
/// `local` says that the endpoints are on this machine, so that no proxy is asked.
pub fn client(timeout: Duration, workers: usize, local: bool) -> Agent {
    let mut config = Agent::config_builder()
        .timeout_global(Some(timeout))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_idle_connections(workers)
        .max_idle_connections_per_host(workers);
    if local {
        config = config.proxy(None);
    }
    stage::noting(config.build())
}
