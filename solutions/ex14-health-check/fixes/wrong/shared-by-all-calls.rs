// Wrong: the queue and the results are static, so two calls at the same time mix theirs.
use std::sync::Mutex;
use std::thread;
use std::time::Duration;
use ureq::Agent;

static QUEUE: Mutex<Vec<String>> = Mutex::new(Vec::new());
static HEALTH: Mutex<Vec<(String, Result<u16, String>)>> = Mutex::new(Vec::new());

pub fn check_all(
    urls: &[String],
    workers: usize,
    timeout: Duration,
) -> Vec<(String, Result<u16, String>)> {
    let config = Agent::config_builder().http_status_as_error(false).proxy(None);
    let client: Agent = config.timeout_global(Some(timeout)).build().into();
    QUEUE.lock().unwrap().extend(urls.iter().rev().cloned());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = QUEUE.lock().unwrap().pop();
                    let Some(url) = next else { return };
                    let result = ask(&client, &url);
                    HEALTH.lock().unwrap().push((url, result));
                }
            });
        }
    });
    std::mem::take(&mut HEALTH.lock().unwrap())
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    client.get(url).call().map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
