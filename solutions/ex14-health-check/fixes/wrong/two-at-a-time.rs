// Wrong: each worker stores its results in pairs, so one of them comes too late.
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
                let mut mine = vec![];
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some(url) = next else { break };
                    mine.push((url.clone(), ask(&client, url)));
                    if mine.len() == 2 {
                        health.lock().unwrap().append(&mut mine);
                    }
                }
                health.lock().unwrap().append(&mut mine);
            });
        }
    });
    health.into_inner().unwrap()
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    client.get(url).call().map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
