// Right: threads that own what they use, a client for each, and a join for each.
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use ureq::Agent;

pub fn check_all(
    urls: &[String],
    workers: usize,
    timeout: Duration,
) -> Vec<(String, Result<u16, String>)> {
    let queue = Arc::new(Mutex::new(urls.to_vec()));
    let health = Arc::new(Mutex::new(vec![]));
    let mut threads = vec![];
    for _ in 0..workers {
        let (queue, health) = (Arc::clone(&queue), Arc::clone(&health));
        threads.push(thread::spawn(move || {
            let config = Agent::config_builder().http_status_as_error(false).proxy(None);
            let client: Agent = config.timeout_global(Some(timeout)).build().into();
            loop {
                let next = queue.lock().unwrap().pop();
                let Some(url) = next else { return };
                let result = ask(&client, &url);
                health.lock().unwrap().push((url, result));
            }
        }));
    }
    for thread in threads {
        thread.join().unwrap();
    }
    std::mem::take(&mut health.lock().unwrap())
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    client.get(url).call().map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
