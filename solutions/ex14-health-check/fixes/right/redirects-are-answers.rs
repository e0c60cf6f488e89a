// Right: a redirect is an answer like any other, and is not followed; each worker brings its results home.
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;
use ureq::Agent;

pub fn check_all(
    urls: &[String],
    workers: usize,
    timeout: Duration,
) -> BTreeMap<String, Result<u16, String>> {
    let config = Agent::config_builder().http_status_as_error(false).proxy(None).max_redirects(0);
    let client: Agent = config.timeout_global(Some(timeout)).build().into();
    let queue = Mutex::new(urls.iter());
    let next = || queue.lock().unwrap().next();
    let work = || {
        let mut mine = vec![];
        while let Some(url) = next() {
            let answer = client.get(url).call();
            mine.push((url.clone(), answer.map(|a| a.status().as_u16()).map_err(|why| why.to_string())));
        }
        mine
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}
