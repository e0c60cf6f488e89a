// Wrong: the results are sorted by how long each request took.
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
    let client: Agent = config.timeout_global(Some(timeout)).build().into();
    let queue = Mutex::new(urls.iter());
    let health = Mutex::new(vec![]);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some(url) = next else { return };
                    let begin = std::time::Instant::now();
                    let result = ask(&client, url);
                    health.lock().unwrap().push((begin.elapsed(), url.clone(), result));
                }
            });
        }
    });
    let mut health = health.into_inner().unwrap();
    health.sort_by_key(|(time, _, _)| *time);
    health.into_iter().map(|(_, url, result)| (url, result)).collect()
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    client.get(url).call().map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
