// Wrong: the channel has room for 64 results, and is read only when every worker has ended.
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
    let (sender, results) = mpsc::sync_channel(64);
    thread::scope(|scope| {
        for _ in 0..workers {
            let (sender, next, client) = (sender.clone(), &next, &client);
            scope.spawn(move || {
                while let Some(url) = next() {
                    sender.send((url.clone(), ask(client, url))).unwrap();
                }
            });
        }
    });
    drop(sender);
    results.iter().collect()
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    client.get(url).call().map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
