// Right: the timeout is set for each request, and an error status is turned back into a number.
use std::sync::Mutex;
use std::thread;
use std::time::Duration;
use ureq::Agent;

pub fn check_all(
    urls: &[String],
    workers: usize,
    timeout: Duration,
) -> Vec<(String, Result<u16, String>)> {
    let client: Agent = Agent::config_builder().proxy(None).build().into();
    let ask = |url: &str| match client.get(url).config().timeout_global(Some(timeout)).build().call() {
        Ok(answer) => Ok(answer.status().as_u16()),
        Err(ureq::Error::StatusCode(status)) => Ok(status),
        Err(why) => Err(format!("{url}: {why}")),
    };
    let queue = Mutex::new(urls.iter());
    let health = Mutex::new(vec![]);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some(url) = next else { return };
                    let status = ask(url);
                    health.lock().unwrap().push((url.clone(), status));
                }
            });
        }
    });
    health.into_inner().unwrap()
}
