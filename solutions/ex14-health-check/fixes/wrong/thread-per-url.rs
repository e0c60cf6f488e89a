// Wrong: a thread for each URL, however many there are.
use std::thread;
use std::time::Duration;
use ureq::Agent;

pub fn check_all(
    urls: &[String],
    workers: usize,
    timeout: Duration,
) -> Vec<(String, Result<u16, String>)> {
    let _ = workers;
    let config = Agent::config_builder().http_status_as_error(false).proxy(None);
    let client: Agent = config.timeout_global(Some(timeout)).build().into();
    thread::scope(|scope| {
        let asked: Vec<_> = urls.iter().map(|url| (url, scope.spawn(|| ask(&client, url)))).collect();
        asked.into_iter().map(|(url, status)| (url.clone(), status.join().unwrap())).collect()
    })
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    client.get(url).call().map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
