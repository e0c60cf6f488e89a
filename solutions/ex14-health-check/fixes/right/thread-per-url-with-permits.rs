// Right: a thread for each URL, but only as many requests as there are permits; the result is sent before the permit is returned.
use std::sync::{Condvar, Mutex, mpsc};
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
    let free = Mutex::new(workers);
    let released = Condvar::new();
    let (sender, results) = mpsc::channel();
    thread::scope(|scope| {
        for url in urls {
            let (sender, free, released, client) = (sender.clone(), &free, &released, &client);
            scope.spawn(move || {
                *released.wait_while(free.lock().unwrap(), |free| *free == 0).unwrap() -= 1;
                sender.send((url.clone(), ask(client, url))).unwrap();
                *free.lock().unwrap() += 1;
                released.notify_one();
            });
        }
    });
    drop(sender);
    results.iter().collect()
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    client.get(url).call().map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
