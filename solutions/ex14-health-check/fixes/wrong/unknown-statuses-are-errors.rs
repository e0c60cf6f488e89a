// Wrong: a status beyond 599 is an error: 999 is an answer, too.
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;
use ureq::Agent;

/// Asks every URL, at most `workers` (at least one) at the same time, each with `timeout` for its
/// answer. Returns for each URL the status of the answer, or why there is none, in the order in
/// which these results arrive.
pub fn check_all(urls: &[String], workers: usize, timeout: Duration) -> Vec<(String, Result<u16, String>)> {
    let client: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(timeout))
        .build()
        .into();
    let queue = Mutex::new(urls.iter());
    let (sender, results) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..workers.min(urls.len()) {
            let sender = sender.clone();
            let (queue, client) = (&queue, &client);
            scope.spawn(move || {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some(url) = next else { return };
                    let result = ask(client, url);
                    sender.send((url.clone(), result)).unwrap();
                }
            });
        }
        drop(sender);
        results.iter().collect()
    })
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    let answer = client.get(url).call().map_err(|why| why.to_string())?;
    match answer.status().as_u16() {
        status @ 100..=599 => Ok(status),
        status => Err(format!("{status} is not an HTTP status")),
    }
}
