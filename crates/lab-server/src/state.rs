//! What all connections share: the counts, the limit, the gate and the way to end them.

use std::collections::HashMap;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use crate::behaviour::{Behaviour, mix};

/// Counts of one server; "now" fields go up and down, the others only up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Connections accepted.
    pub connections: usize,
    /// Connections open now.
    pub open: usize,
    /// Requests read.
    pub requests: usize,
    /// Requests read and not yet answered, now; a request over the limit counts although nobody works on it.
    pub in_flight: usize,
    /// The most that were in flight at one moment.
    pub peak_in_flight: usize,
    /// Requests being worked on now: never more than the limit.
    pub working: usize,
    /// The most that were worked on at one moment.
    pub peak_working: usize,
    /// Requests answered 503 for being over the limit.
    pub rejected: usize,
}

pub(crate) struct State {
    pub(crate) usual: Behaviour,
    limit: usize,
    reject: bool,
    seed: u64,
    now: Mutex<Now>,
    /// Every count tells of its change here; a test may wait for one.
    changed: Condvar,
    /// Somebody's work has ended. A place of its own: sixty-four requests that wait need not wake at every count.
    room: Condvar,
    /// The held requests are released, or the server closes.
    gate: Condvar,
}

#[derive(Default)]
struct Now {
    stats: Stats,
    released: bool,
    closing: bool,
    sockets: HashMap<u64, Arc<TcpStream>>,
    visits: HashMap<String, u64>,
}

impl State {
    pub(crate) fn new(usual: Behaviour, limit: usize, reject: bool, seed: u64) -> State {
        State {
            usual,
            limit,
            reject,
            seed,
            now: Mutex::default(),
            changed: Condvar::new(),
            room: Condvar::new(),
            gate: Condvar::new(),
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        self.now.lock().unwrap().stats
    }

    pub(crate) fn wait_until(
        &self,
        limit: Duration,
        enough: impl Fn(&Stats) -> bool,
    ) -> Result<Stats, Stats> {
        let now = self.now.lock().unwrap();
        let (now, timed_out) =
            self.changed.wait_timeout_while(now, limit, |now| !enough(&now.stats)).unwrap();
        if timed_out.timed_out() { Err(now.stats) } else { Ok(now.stats) }
    }

    pub(crate) fn release(&self) {
        self.now.lock().unwrap().released = true;
        self.gate.notify_all();
    }

    /// Ends every wait and cuts every connection.
    pub(crate) fn close(&self) {
        let mut now = self.now.lock().unwrap();
        now.closing = true;
        for socket in now.sockets.values() {
            let _ = socket.shutdown(Shutdown::Both);
        }
        drop(now);
        self.room.notify_all();
        self.gate.notify_all();
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.now.lock().unwrap().closing
    }

    /// Notes a connection; false when the server is closing and it is to be dropped.
    pub(crate) fn opened(&self, number: u64, socket: &Arc<TcpStream>) -> bool {
        let mut now = self.now.lock().unwrap();
        if now.closing {
            return false;
        }
        // The same descriptor: a second one, by `try_clone`, could be one too many.
        now.sockets.insert(number, Arc::clone(socket));
        now.stats.connections += 1;
        now.stats.open += 1;
        drop(now);
        self.changed.notify_all();
        true
    }

    pub(crate) fn closed(&self, number: u64) {
        let mut now = self.now.lock().unwrap();
        now.sockets.remove(&number);
        now.stats.open -= 1;
        drop(now);
        self.changed.notify_all();
    }

    /// Counts a request in and says how often its path was asked for before.
    pub(crate) fn arrived(&self, path: &str) -> u64 {
        let mut now = self.now.lock().unwrap();
        now.stats.requests += 1;
        now.stats.in_flight += 1;
        now.stats.peak_in_flight = now.stats.peak_in_flight.max(now.stats.in_flight);
        let visits = match now.visits.get_mut(path) {
            Some(visits) => visits,
            None => now.visits.entry(path.to_owned()).or_default(),
        };
        *visits += 1;
        let before = *visits - 1;
        drop(now);
        self.changed.notify_all();
        before
    }

    /// Waits for a place under the limit; false when the request is to be rejected.
    pub(crate) fn begin_work(&self) -> bool {
        let mut now = self.now.lock().unwrap();
        if self.reject && now.stats.working >= self.limit {
            now.stats.rejected += 1;
            return false;
        }
        let mut now =
            self.room.wait_while(now, |now| now.stats.working >= self.limit && !now.closing).unwrap();
        now.stats.working += 1;
        now.stats.peak_working = now.stats.peak_working.max(now.stats.working);
        drop(now);
        self.changed.notify_all();
        true
    }

    /// Counts a request out. Called before the last byte is sent: a client that has its answer is not in flight.
    pub(crate) fn answered(&self, worked: bool) {
        let mut now = self.now.lock().unwrap();
        now.stats.in_flight -= 1;
        now.stats.working -= usize::from(worked);
        drop(now);
        self.room.notify_one();
        self.changed.notify_all();
    }

    /// Waits `time`, or until the server closes.
    pub(crate) fn pause(&self, time: Duration) {
        if time.is_zero() {
            return;
        }
        let until = Instant::now() + time;
        let mut now = self.now.lock().unwrap();
        while !now.closing {
            let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
            else {
                return;
            };
            now = self.gate.wait_timeout(now, left).unwrap().0;
        }
    }

    /// Waits until somebody releases the held requests, or until the server closes.
    pub(crate) fn wait_for_release(&self) {
        let now = self.now.lock().unwrap();
        drop(self.gate.wait_while(now, |now| !now.released && !now.closing).unwrap());
    }

    /// A number below `bound` that depends on nothing but the seed, the path, the visit and what it is `for_what`.
    pub(crate) fn chance(&self, path: &str, visit: u64, for_what: u64, bound: u64) -> u64 {
        let mut word = mix(self.seed ^ mix(for_what));
        for &byte in path.as_bytes() {
            word = mix(word ^ u64::from(byte));
        }
        mix(word ^ visit) % bound.max(1)
    }
}
