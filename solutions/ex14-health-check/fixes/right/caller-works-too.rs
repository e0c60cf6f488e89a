// Right: the calling thread is one of the workers.
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
        let work = || {
            loop {
                let next = queue.lock().unwrap().next();
                let Some(url) = next else { return };
                let result = ask(&client, url);
                health.lock().unwrap().push((url.clone(), result));
            }
        };
        for _ in 1..workers {
            scope.spawn(work);
        }
        work();
    });
    health.into_inner().unwrap()
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    client.get(url).call().map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
