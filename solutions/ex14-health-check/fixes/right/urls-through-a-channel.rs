// Right: the caller hands out one URL at a time, and follows redirects itself, within the timeout.
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};
use ureq::Agent;

pub fn check_all(
    urls: &[String],
    workers: usize,
    timeout: Duration,
) -> Vec<(String, Result<u16, String>)> {
    let config = Agent::config_builder().http_status_as_error(false).proxy(None).max_redirects(0);
    let client: Agent = config.build().into();
    let health = Mutex::new(vec![]);
    let (hand_out, take) = mpsc::sync_channel::<&String>(0);
    let take = Mutex::new(take);
    // In a function of its own, so that the guard is released while the server is asked.
    let next = || take.lock().unwrap().recv().ok();
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(url) = next() {
                    let result = ask(&client, url, timeout);
                    health.lock().unwrap().push((url.clone(), result));
                }
            });
        }
        for url in urls {
            hand_out.send(url).unwrap();
        }
        drop(hand_out);
    });
    health.into_inner().unwrap()
}

/// Follows redirects itself, with what is left of the time.
fn ask(client: &Agent, url: &str, timeout: Duration) -> Result<u16, String> {
    let deadline = Instant::now() + timeout;
    let mut url = url.to_string();
    for _ in 0..20 {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err("redirected for too long".to_string());
        }
        let request = client.get(&url).config().timeout_global(Some(left)).build();
        let answer = request.call().map_err(|why| why.to_string())?;
        match answer.headers().get("location").and_then(|place| place.to_str().ok()) {
            Some(place) if answer.status().is_redirection() => url = place.to_string(),
            _ => return Ok(answer.status().as_u16()),
        }
    }
    Err("redirected too often".to_string())
}
