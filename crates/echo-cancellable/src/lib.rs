//! An echo server with a thread for each client, that stops when it is told to and leaves nobody without a word.
//!
//! A thread that is blocked cannot look at a flag. So whoever waits here without an end, waits for two things at once, a
//! socket or the bell ([`Bell::wait`](bell::Bell::wait)), and to stop is to ring the bell. The one who accepts takes in whoever
//! has knocked already and closes the door; each [`Connection`] echoes what has arrived, says goodbye,
//! and ends. A write to a client that does not read is the exception: it is cancelled when the time of grace is over.
//!
//! Rust sees to it that no thread outlives the server it borrows (`thread::scope`). It does not see to it that a blocked
//! thread ever ends: that is what the bell is for.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use crate::bell::Bell;
use crate::connection::{Connection, End};
use crate::log::Log;

pub mod bell;
pub mod connection;
pub mod log;

/// How many clients may have knocked and not yet been let in. The standard library asks for 128.
const BACKLOG: i32 = 1024;

/// A thread that echoes needs little stack, and it is reserved for each client.
const STACK: usize = 128 * 1024;

/// How long to wait for a descriptor, or a thread, to be given back before asking for one again.
const BACK_OFF: Duration = Duration::from_millis(250);

/// What a server is told beside its address.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long a client that does not read, or does not close, can hold up the end.
    pub grace: Duration,
    /// How long a client may be silent, or leave its echo unread. `None`: for ever.
    pub idle: Option<Duration>,
    /// How many clients are served at a time; the others wait at the door.
    pub max_connections: usize,
    /// Who comes and goes.
    pub log: Log,
    /// Whether the log also has what they say.
    pub log_echoes: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(2),
            idle: None,
            max_connections: usize::MAX,
            log: Log::none(),
            log_echoes: false,
        }
    }
}

/// A server that listens; [`run`](Self::run) makes it answer.
#[derive(Debug)]
pub struct Server {
    listener: Mutex<Option<TcpListener>>,
    local_addr: SocketAddr,
    options: Options,
    shared: Arc<Shared>,
    goodbyes: AtomicUsize,
}

/// Stops a server, from any thread. A clone stops the same server.
#[derive(Clone, Debug)]
pub struct Stop(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    bell: Bell,
    clients: Mutex<HashMap<usize, Arc<Connection>>>,
    /// Notified when a client is gone, and when the bell rings.
    changed: Condvar,
}

impl Stop {
    /// Rings the bell and returns; [`Server::run`] returns when everybody is gone.
    pub fn stop(&self) {
        self.0.bell.ring();
        // Whoever looked at the bell before it rang holds the lock until it waits: it is not missed.
        let _clients = self.0.clients.lock().unwrap();
        self.0.changed.notify_all();
    }
}

impl Server {
    /// Listens on `addr`, for example `127.0.0.1:8000`; the system chooses a port for `127.0.0.1:0`.
    ///
    /// # Errors
    /// `addr` is no address, or is not ours, or is in use.
    pub fn bind(addr: &str) -> io::Result<Self> {
        Self::bind_with(addr, Options::default())
    }

    /// The same, with options.
    ///
    /// # Errors
    /// As for [`bind`](Self::bind).
    pub fn bind_with(addr: &str, options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind(addr)?;
        rustix::net::listen(&listener, BACKLOG)?;
        // A client that knocks and leaves must not leave us blocked in `accept`: we wait before it, not in it.
        listener.set_nonblocking(true)?;
        Ok(Self {
            local_addr: listener.local_addr()?,
            listener: Mutex::new(Some(listener)),
            options,
            shared: Arc::new(Shared {
                bell: Bell::new()?,
                clients: Mutex::new(HashMap::new()),
                changed: Condvar::new(),
            }),
            goodbyes: AtomicUsize::new(0),
        })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// The handle that stops it.
    pub fn stop_handle(&self) -> Stop {
        Stop(Arc::clone(&self.shared))
    }

    /// How many clients were told goodbye: [`End::Goodbye`] says what that means.
    pub fn goodbyes(&self) -> usize {
        self.goodbyes.load(Relaxed)
    }

    /// Serves until [`Stop::stop`], then sees everybody out. When it returns, none of its threads runs any of our code; the
    /// system may still be putting their stacks away.
    ///
    /// # Errors
    /// It has run before.
    pub fn run(&self) -> io::Result<()> {
        let taken = self.listener.lock().unwrap().take();
        let listener = taken.ok_or_else(|| io::Error::other("a server runs once"))?;
        thread::scope(|scope| {
            self.accept_until_stopped(scope, &listener);
            // From here on the system refuses whoever knocks.
            drop(listener);
            self.cancel_after_grace();
        });
        Ok(())
    }

    fn accept_until_stopped<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, listener: &TcpListener) {
        let bell = &self.shared.bell;
        let mut failing = false;
        let mut last_calls = 0..BACKLOG;
        for number in 1.. {
            self.wait_until(None, |clients| clients < self.options.max_connections);
            let woken = bell.wait(listener, None);
            let stopping = bell.rung().is_some();
            // Whoever knocked before the bell rang is let in, to be told goodbye; a crowd that never ends is not.
            if stopping && last_calls.next().is_none() {
                return;
            }
            let welcomed = woken
                .and_then(|_| listener.accept())
                .and_then(|(stream, peer)| self.welcome(scope, number, stream, peer));
            match welcomed {
                Ok(()) => failing = false,
                Err(error) if is_the_clients(&error) => {}
                // Nobody is left at the door, or nothing to let them in with.
                Err(_) if stopping => return,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => {
                    if !failing {
                        self.options.log.line(|| format!("accept: {error}: clients have to wait"));
                    }
                    failing = true;
                    self.back_off();
                }
            }
        }
    }

    fn welcome<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        number: usize,
        stream: TcpStream,
        peer: SocketAddr,
    ) -> io::Result<()> {
        let Options { grace, idle, ref log, log_echoes, .. } = self.options;
        let connection = Arc::new(Connection::new(stream, grace, idle)?);
        self.shared.clients.lock().unwrap().insert(number, Arc::clone(&connection));
        let seat = Seat { shared: &self.shared, number };
        let spawned = thread::Builder::new().name(format!("client {number}")).stack_size(STACK).spawn_scoped(
            scope,
            move || {
                // The one declared last goes first: the descriptor is back before the seat is free.
                let _seat = seat;
                let connection = connection;
                log.line(|| format!("client {number}: connected from {peer}"));
                let mut echoed = 0;
                let end = connection.serve(&self.shared.bell, |bytes| {
                    echoed += bytes.len();
                    if log_echoes {
                        log.line(|| format!("client {number}: {}", bytes.escape_ascii()));
                    }
                });
                if let Ok(End::Goodbye) = end {
                    self.goodbyes.fetch_add(1, Relaxed);
                }
                log.line(|| match end {
                    Ok(End::Closed) => format!("client {number}: left, {echoed} bytes echoed"),
                    Ok(End::Goodbye) => format!("client {number}: told goodbye, {echoed} bytes echoed"),
                    Ok(End::Idle) => format!("client {number}: idle for too long, {echoed} bytes echoed"),
                    // A write has no other reason to run out of time.
                    Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                        format!("client {number}: did not read for too long, {echoed} bytes echoed")
                    }
                    Err(error) => format!("client {number}: {error}, {echoed} bytes echoed"),
                });
            },
        );
        // Its own kind is that of a socket with nothing to read, which is no reason to back off.
        spawned.map(drop).map_err(|error| io::Error::other(format!("no thread: {error}")))
    }

    /// Gives a client that leaves the chance to make room.
    fn back_off(&self) {
        let now = self.shared.clients.lock().unwrap().len();
        self.wait_until(Some(BACK_OFF), |clients| clients < now);
    }

    fn cancel_after_grace(&self) {
        let rung = self.shared.bell.rung().expect("nobody stops accepting before the bell rings");
        let deadline = rung + self.options.grace;
        let clients = self.shared.clients.lock().unwrap();
        let left = deadline.saturating_duration_since(Instant::now());
        let (late, _) =
            self.shared.changed.wait_timeout_while(clients, left, |clients| !clients.is_empty()).unwrap();
        late.values().for_each(|connection| connection.cancel());
    }

    /// Blocks until the number of clients suits `enough`, the bell rings, or `patience`, if any, is over.
    fn wait_until(&self, patience: Option<Duration>, enough: impl Fn(usize) -> bool) {
        let Shared { bell, clients, changed } = &*self.shared;
        let clients = clients.lock().unwrap();
        let goes_on = |clients: &mut HashMap<_, _>| bell.rung().is_none() && !enough(clients.len());
        match patience {
            None => drop(changed.wait_while(clients, goes_on).unwrap()),
            Some(patience) => drop(changed.wait_timeout_while(clients, patience, goes_on).unwrap()),
        }
    }
}

/// A client's place among those that are served, given back when its thread ends, however it ends.
struct Seat<'a> {
    shared: &'a Shared,
    number: usize,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut clients = self.shared.clients.lock().unwrap();
        drop(clients.remove(&self.number));
        self.shared.changed.notify_all();
    }
}

/// Whether a failure to accept concerns one client, and the next may be asked in at once.
fn is_the_clients(error: &io::Error) -> bool {
    use ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, InvalidInput, NotConnected};
    matches!(error.kind(), Interrupted | ConnectionAborted | ConnectionReset | NotConnected | InvalidInput)
}
