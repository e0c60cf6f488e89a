//! Who owns the connections? One client for all threads, one for each thread, or a new one every time: the server counts.
//!
//! Opening a connection costs a round trip, with TLS one more (two with TLS 1.2); a client keeps it open and uses it again. Python's
//! `requests.Session` is not documented as safe to share, so each thread gets its own, in `threading.local()`. ureq's
//! `Agent` is `Sync`: Rust's compiler has checked that sharing it is safe, and cloning it copies a handle, not a client.
//!
//! Safe is not the same as good: a shared client keeps as many idle connections as it was told to, 3 for each host unless
//! told otherwise. With more threads than that, it closes connections and opens them again, and nobody says so. One client
//! for each thread never does, and no thread waits for another's lock; but it holds a connection for every thread.

use std::cell::OnceCell;
use std::sync::Barrier;
use std::thread;

use lab_server::{LabServer, Stats};
use ureq::Agent;

/// Makes a client for every request: the mistake to measure the others by.
pub fn a_new_one_every_time(url: String, _idle: usize) -> impl Fn() + Sync {
    move || get(&client(1), &url)
}

/// One client, shared; it keeps up to `idle` connections.
pub fn one_for_all(url: String, idle: usize) -> impl Fn() + Sync {
    let client = client(idle);
    move || get(&client, &url)
}

/// A client for each thread, made when the thread first needs it and dropped when it ends.
pub fn one_for_each_thread(url: String, _idle: usize) -> impl Fn() + Sync {
    thread_local!(static CLIENT: OnceCell<Agent> = const { OnceCell::new() });
    move || CLIENT.with(|mine| get(mine.get_or_init(|| client(1)), &url))
}

/// Lets `threads` threads make `rounds` requests each, all of them at the same time in each round; what the server saw.
///
/// # Errors
/// When the server cannot start.
///
/// # Panics
/// When a request fails.
pub fn count<R: Fn() + Sync>(
    threads: usize,
    rounds: usize,
    way: impl FnOnce(String) -> R,
) -> std::io::Result<Stats> {
    let server = LabServer::start()?;
    let request = way(server.url("/?size=100"));
    // In step, all connections are in use in each round and idle after it: the counts depend on no luck.
    let in_step = Barrier::new(threads);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                for _ in 0..rounds {
                    in_step.wait();
                    request();
                    in_step.wait();
                }
            });
        }
    });
    Ok(server.stats())
}

fn client(idle: usize) -> Agent {
    let config =
        Agent::config_builder().proxy(None).max_idle_connections(idle).max_idle_connections_per_host(idle);
    config.build().new_agent()
}

fn get(client: &Agent, url: &str) {
    client
        .get(url)
        .call()
        .and_then(|mut answer| answer.body_mut().read_to_vec())
        .expect("the lab server answers");
}
