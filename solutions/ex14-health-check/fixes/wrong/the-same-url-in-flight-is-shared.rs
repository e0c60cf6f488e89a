// Wrong: a URL that another worker is requesting isn't requested again.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::thread;
use std::time::Duration;
use ureq::Agent;

type Shared = Arc<OnceLock<Result<u16, String>>>;

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
    let running: Mutex<HashMap<String, Shared>> = Mutex::new(HashMap::new());
    let queue = Mutex::new(urls.iter());
    let (sender, results) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..workers.min(urls.len()) {
            let sender = sender.clone();
            let (queue, client, running) = (&queue, &client, &running);
            scope.spawn(move || {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some(url) = next else { return };
                    let shared = running.lock().unwrap().entry(url.clone()).or_default().clone();
                    let result = shared.get_or_init(|| ask(client, url)).clone();
                    running.lock().unwrap().remove(url);
                    sender.send((url.clone(), result)).unwrap();
                }
            });
        }
        drop(sender);
        results.iter().collect()
    })
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    let answer = client.get(url).call();
    answer.map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
