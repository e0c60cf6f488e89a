// Wrong: the timeout of a call begins anew with each redirect.
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use ureq::Agent;

pub fn check_all(
    urls: &[String],
    workers: usize,
    timeout: Duration,
) -> Vec<(String, Result<u16, String>)> {
    let config = Agent::config_builder().http_status_as_error(false).proxy(None);
    let client: Agent = config.timeout_per_call(Some(timeout)).build().into();
    let next = AtomicUsize::new(0);
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..workers {
            let tell = tell.clone();
            let (next, client) = (&next, &client);
            scope.spawn(move || {
                while let Some(url) = urls.get(next.fetch_add(1, Relaxed)) {
                    tell.send((url.clone(), ask(client, url))).unwrap();
                }
            });
        }
        drop(tell);
        told.into_iter().collect()
    })
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    client.get(url).call().map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
