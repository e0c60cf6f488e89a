// Wrong: each round waits for the slowest of the one before it, while the other workers are idle.
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
    let mut health = vec![];
    for round in urls.chunks(workers) {
        thread::scope(|scope| {
            let asked: Vec<_> = round.iter().map(|url| (url, scope.spawn(|| ask(&client, url)))).collect();
            health.extend(asked.into_iter().map(|(url, status)| (url.clone(), status.join().unwrap())));
        });
    }
    health
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    client.get(url).call().map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
