// Wrong: the list is cut into one piece for each worker, and a worker that is done doesn't help the others.
use std::sync::Mutex;
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
    let health = Mutex::new(vec![]);
    thread::scope(|scope| {
        let mut rest = urls;
        for left in (1..=workers).rev() {
            let (piece, others) = rest.split_at(rest.len().div_ceil(left));
            rest = others;
            let (client, health) = (&client, &health);
            scope.spawn(move || {
                for url in piece {
                    let status = ask(client, url);
                    health.lock().unwrap().push((url.clone(), status));
                }
            });
        }
    });
    health.into_inner().unwrap()
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    client.get(url).call().map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
