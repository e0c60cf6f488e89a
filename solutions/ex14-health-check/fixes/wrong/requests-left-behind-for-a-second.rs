// Wrong: only the caller stops waiting at the timeout; its request goes on for one more second.
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;
use ureq::Agent;

pub fn check_all(urls: &[String], workers: usize, timeout: Duration) -> Vec<(String, Result<u16, String>)> {
    let config = Agent::config_builder().http_status_as_error(false).proxy(None);
    let client: Agent = config.timeout_global(Some(timeout + Duration::from_secs(1))).build().into();
    let queue = Mutex::new(urls.iter());
    let health = Mutex::new(vec![]);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some(url) = next else { return };
                    let (sender, answer) = mpsc::channel();
                    let (client, asked) = (client.clone(), url.clone());
                    thread::spawn(move || sender.send(ask(&client, &asked)));
                    let late = |_| Err("no answer in time".to_string());
                    let result = answer.recv_timeout(timeout).unwrap_or_else(late);
                    health.lock().unwrap().push((url.clone(), result));
                }
            });
        }
    });
    health.into_inner().unwrap()
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    client.get(url).call().map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
