// Right: a new thread is spawned whenever fewer than `workers` are running.
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
    let client: Agent = config.timeout_global(Some(timeout)).build().into();
    let (sender, results) = mpsc::channel();
    let mut health = vec![];
    thread::scope(|scope| {
        let mut running = 0;
        for url in urls {
            if running == workers {
                health.push(results.recv().unwrap());
                running -= 1;
            }
            let (sender, client) = (sender.clone(), &client);
            scope.spawn(move || sender.send((url.clone(), ask(client, url))).unwrap());
            running += 1;
        }
        drop(sender);
        health.extend(results.iter());
    });
    health
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    client.get(url).call().map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
