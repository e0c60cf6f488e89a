// Wrong: like a browser, it opens at most six connections to a host, and the other workers wait.
use std::collections::HashMap;
use std::sync::{Condvar, Mutex, mpsc};
use std::thread;
use std::time::Duration;
use ureq::Agent;

/// Asks every URL, at most `workers` (at least one) at the same time, each with `timeout` for its
/// answer. Returns for each URL the status of the answer, or why there is none, in the order in
/// which these results arrive.
pub fn check_all(urls: &[String], workers: usize, timeout: Duration) -> Vec<(String, Result<u16, String>)> {
    let client: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(timeout))
        .build()
        .into();
    let hosts = Hosts::default();
    let queue = Mutex::new(urls.iter());
    let (sender, results) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..workers.min(urls.len()) {
            let sender = sender.clone();
            let (queue, client, hosts) = (&queue, &client, &hosts);
            scope.spawn(move || {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some(url) = next else { return };
                    hosts.enter(url);
                    let result = ask(client, url);
                    hosts.leave(url);
                    sender.send((url.clone(), result)).unwrap();
                }
            });
        }
        drop(sender);
        results.iter().collect()
    })
}

const PER_HOST: usize = 6;

#[derive(Default)]
struct Hosts {
    open: Mutex<HashMap<String, usize>>,
    left: Condvar,
}

impl Hosts {
    fn host(url: &str) -> String {
        let server = url.split('/').nth(2).unwrap_or(url);
        server.split(':').next().unwrap_or(server).to_string()
    }

    fn enter(&self, url: &str) {
        let host = Hosts::host(url);
        let open = self.open.lock().unwrap();
        let mut open =
            self.left.wait_while(open, |open| open.get(&host).is_some_and(|n| *n >= PER_HOST)).unwrap();
        *open.entry(host).or_default() += 1;
    }

    fn leave(&self, url: &str) {
        *self.open.lock().unwrap().get_mut(&Hosts::host(url)).unwrap() -= 1;
        self.left.notify_all();
    }
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    let answer = client.get(url).call();
    answer.map(|answer| answer.status().as_u16()).map_err(|why| why.to_string())
}
