// Wrong: it follows redirects itself, and each gets the whole timeout.
use std::sync::Mutex;
use std::thread;
use std::time::Duration;
use ureq::Agent;

pub fn check_all(
    urls: &[String],
    workers: usize,
    timeout: Duration,
) -> Vec<(String, Result<u16, String>)> {
    let config = Agent::config_builder().http_status_as_error(false).proxy(None).max_redirects(0);
    let client: Agent = config.timeout_global(Some(timeout)).build().into();
    let queue = Mutex::new(urls.iter());
    let health = Mutex::new(vec![]);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some(url) = next else { return };
                    let result = ask(&client, url);
                    health.lock().unwrap().push((url.clone(), result));
                }
            });
        }
    });
    health.into_inner().unwrap()
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    let answer = client.get(url).call().map_err(|why| why.to_string())?;
    match answer.headers().get("location").and_then(|to| to.to_str().ok()) {
        Some(to) if answer.status().is_redirection() => ask(client, to),
        _ => Ok(answer.status().as_u16()),
    }
}
