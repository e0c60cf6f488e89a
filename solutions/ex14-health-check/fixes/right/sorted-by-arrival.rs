// Right: each worker notes the moment of arrival, and all results are sorted by it at the end.
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
    let client: Agent = config.timeout_global(Some(timeout)).build().into();
    let queue = Mutex::new(urls.iter());
    let next = || queue.lock().unwrap().next();
    let work = || {
        let mut mine = vec![];
        while let Some(url) = next() {
            let result = ask(&client, url);
            mine.push((Instant::now(), url.clone(), result));
        }
        mine
    };
    let mut all: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    all.sort_by_key(|(time, _, _)| *time);
    all.into_iter().map(|(_, url, result)| (url, result)).collect()
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    client.get(url).call().map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
