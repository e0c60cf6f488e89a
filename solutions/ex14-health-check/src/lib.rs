// A health check: asks every URL once, and tells what each of them said.
//
// Why this: the time is spent waiting, so `workers` threads wait at once, and each takes the next URL when it is free. The
// time-out is one for the whole request, from the name to the last header: a time-out for each read would never end with a
// server that sends a byte now and then. Whatever goes wrong becomes the entry of that URL.
//
// What else would do: a pool that lives longer than one call (exercise 12), the `map` of exercise 13 with this request as its
// function, or a channel of results, which could show each as it comes in.
//
// What it costs: `workers` threads for each call. One client is shared, since its settings are the same for all; it is
// an `Arc` inside.
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;
use ureq::Agent;

/// For each URL the status of its answer, or why there is none. At most `workers` (at least one) are asked at once, and
/// each has `timeout` for its answer.
pub fn check_all(
    urls: &[String],
    workers: usize,
    timeout: Duration,
) -> BTreeMap<String, Result<u16, String>> {
    let config = Agent::config_builder().http_status_as_error(false).proxy(None);
    let client: Agent = config.timeout_global(Some(timeout)).build().into();
    let queue = Mutex::new(urls.iter());
    // In a function of its own, so that the guard is gone while the server is asked.
    let next = || queue.lock().unwrap().next();
    let health = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..workers.min(urls.len()) {
            scope.spawn(|| {
                while let Some(url) = next() {
                    let status = ask(&client, url);
                    health.lock().unwrap().insert(url.clone(), status);
                }
            });
        }
    });
    health.into_inner().unwrap()
}

fn ask(client: &Agent, url: &str) -> Result<u16, String> {
    let answer = client.get(url).call().map_err(|why| why.to_string())?;
    Ok(answer.status().as_u16())
}
