// Wrong: results are received only as long as the next one comes within the timeout.
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;
use ureq::Agent;

pub fn check_all(
    urls: &[String],
    workers: usize,
    timeout: Duration,
) -> Vec<(String, Result<u16, String>)> {
    let config = Agent::config_builder().http_status_as_error(false).proxy(None);
    let client: Agent = config.timeout_global(Some(timeout)).build().into();
    let queue = Mutex::new(urls.iter());
    let next = || queue.lock().unwrap().next();
    let (sender, results) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..workers.min(urls.len()) {
            let (sender, next, client) = (sender.clone(), &next, &client);
            scope.spawn(move || {
                while let Some(url) = next() {
                    sender.send((url.clone(), ask(client, url))).unwrap();
                }
            });
        }
        drop(sender);
        std::iter::from_fn(|| results.recv_timeout(timeout).ok()).collect()
    })
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    client.get(url).call().map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
