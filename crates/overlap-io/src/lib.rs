//! Ten waits of a tenth of a second take one second, or a tenth: it depends on who waits while somebody else waits.
//!
//! A thread that waits for a socket uses no core; the operating system wakes it when bytes arrive. So ten threads can wait
//! at once on one core. Done one by one, the waits add up; overlapped, the longest one counts.
//!
//! The three functions fetch the same URLs with the same client. `one_by_one` waits ten times. `a_thread_each` starts a
//! thread for every URL: right for ten, wrong for ten thousand. `a_pool` starts as many as you say and reuses them, which
//! is what Python's `ThreadPoolExecutor` does. Rust prevents sharing that is not safe; that the waits overlap it cannot
//! see, and neither can Python's interpreter lock, which is released while a thread waits.

pub mod files;

use std::cell::Cell;
use std::sync::Arc;
use std::thread;

use executor::Executor;
use timeline::{Lane, Recorder};
use ureq::Agent;

/// The size of each answer, in the order of the URLs.
pub type Sizes = Result<Vec<usize>, ureq::Error>;

/// Fetches each URL when the one before it has been answered.
///
/// # Errors
/// The first request that failed.
pub fn one_by_one(client: &Agent, urls: &[String], recorder: &Recorder) -> Sizes {
    let lane = recorder.lane("one by one");
    urls.iter().map(|url| fetch(client, url, &lane)).collect()
}

/// Fetches all URLs at once, each in a thread of its own.
///
/// # Errors
/// The first request, in the order of the URLs, that failed.
pub fn a_thread_each(client: &Agent, urls: &[String], recorder: &Recorder) -> Sizes {
    thread::scope(|threads| {
        let mut running = Vec::new();
        for (number, url) in (1..).zip(urls) {
            let lane = recorder.lane(format!("thread {number}"));
            running.push(threads.spawn(move || fetch(client, url, &lane)));
        }
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Fetches the URLs with `workers` threads that take the next URL when they are done with one.
///
/// # Errors
/// The first request, in the order of the URLs, that failed.
pub fn a_pool(workers: usize, client: &Agent, urls: &[String], recorder: &Recorder) -> Sizes {
    let lanes: Arc<Vec<Lane>> =
        Arc::new((1..=workers).map(|n| recorder.lane(format!("worker {n}"))).collect());
    let pool = Executor::builder(workers).initializer(|worker| WORKER.set(worker)).build().unwrap();
    let client = client.clone(); // A handle: the connections behind it are shared.
    let sizes = pool.map(urls.to_vec(), move |url| fetch(&client, &url, &lanes[WORKER.get()]));
    sizes.map(Result::unwrap).collect()
}

thread_local!(static WORKER: Cell<usize> = const { Cell::new(0) });

/// One request. This is where a thread waits, so this is what the timeline shows.
fn fetch(client: &Agent, url: &str, lane: &Lane) -> Result<usize, ureq::Error> {
    lane.wait("an answer", || Ok(client.get(url).call()?.body_mut().read_to_vec()?.len()))
}

/// A client for the server on this machine: it asks no proxy, and keeps a connection for each thread.
pub fn client(threads: usize) -> Agent {
    Agent::config_builder()
        .proxy(None)
        .max_idle_connections(threads)
        .max_idle_connections_per_host(threads)
        .build()
        .new_agent()
}
