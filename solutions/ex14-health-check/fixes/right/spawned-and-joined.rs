// Right: threads that own what they use, a client for each, and a join for each.
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use ureq::Agent;

pub fn check_all(
    urls: &[String],
    workers: usize,
    timeout: Duration,
) -> BTreeMap<String, Result<u16, String>> {
    let queue = Arc::new(Mutex::new(urls.to_vec()));
    let mut threads = vec![];
    for _ in 0..workers {
        let queue = Arc::clone(&queue);
        threads.push(thread::spawn(move || {
            let config = Agent::config_builder().http_status_as_error(false).proxy(None);
            let client: Agent = config.timeout_global(Some(timeout)).build().into();
            let mut mine = vec![];
            loop {
                let next = queue.lock().unwrap().pop();
                match next {
                    Some(url) => {
                        let status = ask(&client, &url);
                        mine.push((url, status));
                    }
                    None => return mine,
                }
            }
        }));
    }
    threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    client.get(url).call().map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
