// Wrong: the caller stops waiting after the timeout, but the thread with the request goes on.
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;
use ureq::Agent;

pub fn check_all(
    urls: &[String],
    workers: usize,
    timeout: Duration,
) -> Vec<(String, Result<u16, String>)> {
    let config = Agent::config_builder().http_status_as_error(false).proxy(None);
    let client: Agent = config.build().into();
    let queue = Arc::new(Mutex::new(urls.to_vec().into_iter()));
    let workers: Vec<_> = (0..workers)
        .map(|_| {
            let (queue, client) = (Arc::clone(&queue), client.clone());
            thread::spawn(move || {
                let mut mine = vec![];
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some(url) = next else { return mine };
                    let (tell, told) = mpsc::channel();
                    let (asked, client) = (url.clone(), client.clone());
                    thread::spawn(move || tell.send(ask(&client, &asked)));
                    mine.push((url, told.recv_timeout(timeout).unwrap_or(Err("no answer in time".into()))));
                }
            })
        })
        .collect();
    workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    client.get(url).call().map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
