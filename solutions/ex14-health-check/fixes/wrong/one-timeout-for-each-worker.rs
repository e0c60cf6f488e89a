// Wrong: a worker has one timeout for all its URLs.
use std::sync::Mutex;
use std::thread;
use std::time::Duration;
use ureq::Agent;

pub fn check_all(
    urls: &[String],
    workers: usize,
    timeout: Duration,
) -> Vec<(String, Result<u16, String>)> {
    let config = Agent::config_builder().http_status_as_error(false).proxy(None);
    let client: Agent = config.build().into();
    let queue = Mutex::new(urls.iter());
    let health = Mutex::new(vec![]);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let end = std::time::Instant::now() + timeout;
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some(url) = next else { return };
                    let result = ask(&client, url, end);
                    health.lock().unwrap().push((url.clone(), result));
                }
            });
        }
    });
    health.into_inner().unwrap()
}

fn ask(client: &Agent, url: &str, end: std::time::Instant) -> Result<u16, String> {
    let left = end.saturating_duration_since(std::time::Instant::now());
    client.get(url).config().timeout_global(Some(left)).build().call().map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
