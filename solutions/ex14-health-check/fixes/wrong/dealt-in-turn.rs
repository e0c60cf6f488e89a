// Wrong: the URLs are dealt to a channel for each worker in turn, so one waits behind a slow one.
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
    thread::scope(|scope| {
        let mut desks = vec![];
        for _ in 0..workers {
            let (desk, mine) = mpsc::channel::<&String>();
            desks.push(desk);
            let (sender, client) = (sender.clone(), &client);
            scope.spawn(move || {
                for url in mine {
                    sender.send((url.clone(), ask(client, url))).unwrap();
                }
            });
        }
        drop(sender);
        for (url, desk) in urls.iter().zip(desks.iter().cycle()) {
            desk.send(url).unwrap();
        }
        drop(desks);
        results.iter().collect()
    })
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    client.get(url).call().map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
