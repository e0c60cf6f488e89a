// Wrong: each worker has its own share from the start, so a URL waits behind a slow one although another worker is idle.
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
    let (client, mut health) = (&client, vec![]);
    thread::scope(|scope| {
        let share = |worker| urls.iter().skip(worker).step_by(workers);
        let ask_all =
            |worker| move || share(worker).map(|url| (url.clone(), ask(client, url))).collect::<Vec<_>>();
        let asked: Vec<_> = (0..workers).map(|worker| scope.spawn(ask_all(worker))).collect();
        for thread in asked {
            health.extend(thread.join().unwrap());
        }
    });
    health
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    client.get(url).call().map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
