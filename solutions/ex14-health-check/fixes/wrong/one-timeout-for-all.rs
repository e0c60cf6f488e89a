// Wrong: the timeout counts from the beginning of the whole check, so the later URLs have less of it.
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};
use ureq::Agent;

pub fn check_all(
    urls: &[String],
    workers: usize,
    timeout: Duration,
) -> Vec<(String, Result<u16, String>)> {
    let config = Agent::config_builder().http_status_as_error(false).proxy(None);
    let client: Agent = config.build().into();
    let deadline = Instant::now() + timeout;
    let queue = Mutex::new(urls.iter());
    let health = Mutex::new(vec![]);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some(url) = next else { return };
                    let result = ask(&client, url, deadline);
                    health.lock().unwrap().push((url.clone(), result));
                }
            });
        }
    });
    health.into_inner().unwrap()
}

fn ask(client: &Agent, url: &str, deadline: Instant) -> Result<u16, String> {
    let left = deadline.saturating_duration_since(Instant::now());
    let request = client.get(url).config().timeout_global(Some(left)).build();
    request.call().map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
