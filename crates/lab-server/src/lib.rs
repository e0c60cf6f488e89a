//! A local HTTP server that waits, fails and misbehaves exactly as its URL says.
//!
//! The network demos need a server that is slow when the page says so and hangs up when the page says so, with no internet.
//! `GET /a?latency=100ms` answers after 100 ms; `GET /a?fault=reset` resets the connection; [`Behaviour`] lists the rest.
//! What looks random (jitter, `flaky=30`) follows from the seed, the path and how often that path was asked for, so two
//! runs see the same even though their threads do not.
//!
//! The server counts what it sees ([`Stats`]), and a test can wait for a count ([`LabServer::wait_until`]): that is how
//! "exactly 32 requests in flight" is asserted without a clock. One thread for each connection, as a page would do it; no
//! more of HTTP/1.1 than the demos need (keep-alive, `HEAD`, `Range`, `Content-Length`; no chunked bodies).
//!
//! Why not a library: a server that is to misbehave must own its socket. `tiny_http` owns it itself, so it can neither
//! reset a connection nor send garbage; `wiremock` and `httpmock` answer what HTTP allows, and bring an async runtime.
//!
//! ```
//! use std::io::{Read, Write};
//! let server = lab_server::LabServer::start()?;
//! let mut socket = std::net::TcpStream::connect(server.address())?;
//! socket.write_all(b"GET /hello?status=418 HTTP/1.1\r\nConnection: close\r\n\r\n")?;
//! let mut answer = String::new();
//! socket.read_to_string(&mut answer)?;
//! assert!(answer.starts_with("HTTP/1.1 418 "));
//! assert_eq!(server.stats().requests, 1);
//! # Ok::<(), std::io::Error>(())
//! ```

mod behaviour;
mod connection;
mod state;
#[cfg(feature = "tls")]
mod tls;
mod url;

use std::io::{self, Write, stderr};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub use behaviour::{Behaviour, Fault, body_byte, parse_duration, parse_timeout};
use state::State;
pub use state::Stats;
pub use url::{check_url, printable};

/// How long to wait before accepting again when that has failed.
const BACK_OFF: Duration = Duration::from_millis(50);

/// A running server; dropping it closes every connection and joins every thread.
pub struct LabServer {
    address: SocketAddr,
    scheme: &'static str,
    state: Arc<State>,
    acceptor: Option<JoinHandle<()>>,
}

impl LabServer {
    /// A server on a free port of 127.0.0.1 that answers at once.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start() -> io::Result<LabServer> {
        LabServer::builder().start()
    }

    /// A server with a latency, a limit or a seed of its own.
    pub fn builder() -> Builder {
        Builder {
            usual: Behaviour::default(),
            limit: usize::MAX,
            reject: false,
            seed: 1,
            port: 0,
            tls: false,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of `path`, which begins with a slash: `server.url("/a?latency=1s")`.
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// What it has seen so far.
    pub fn stats(&self) -> Stats {
        self.state.stats()
    }

    /// Blocks until the counts satisfy `enough`; `Err` holds the counts seen when `limit` has passed without it.
    ///
    /// # Errors
    /// When `limit` has passed.
    pub fn wait_until(&self, limit: Duration, enough: impl Fn(&Stats) -> bool) -> Result<Stats, Stats> {
        self.state.wait_until(limit, enough)
    }

    /// Lets every request with `hold=yes` be answered, those that wait and those to come.
    pub fn release(&self) {
        self.state.release();
    }
}

impl Drop for LabServer {
    fn drop(&mut self) {
        self.state.close();
        if let Some(acceptor) = self.acceptor.take() {
            // It is blocked in accept(): one last connection makes it check the state
            // again. If none can be made for lack of a descriptor, the connections that
            // were cut above will give some back.
            while TcpStream::connect(self.address).is_err() && !acceptor.is_finished() {
                thread::sleep(Duration::from_millis(1));
            }
            let _ = acceptor.join();
        }
    }
}

/// How a [`LabServer`] behaves where a URL does not say otherwise.
#[derive(Debug, Clone)]
pub struct Builder {
    usual: Behaviour,
    limit: usize,
    reject: bool,
    seed: u64,
    port: u16,
    tls: bool,
}

impl Builder {
    /// Waits this long before each answer.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.usual.latency = latency;
        self
    }

    /// Adds up to this much to the latency, differently for each request and the same in each run.
    pub fn jitter(mut self, jitter: Duration) -> Self {
        self.usual.jitter = jitter;
        self
    }

    /// Works on at most this many requests at once; the others wait for their turn.
    ///
    /// # Panics
    /// When the limit is 0: nothing would ever be answered.
    pub fn limit(mut self, limit: usize) -> Self {
        assert!(limit > 0, "a server with a limit of 0 answers nobody");
        self.limit = limit;
        self
    }

    /// Answers 503 with `Retry-After: 1` to requests over the limit, in place of making them wait.
    pub fn reject_over_limit(mut self) -> Self {
        self.reject = true;
        self
    }

    /// Seeds the jitter and the flakiness.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Listens on this port; 0, the default, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Speaks TLS with a certificate that it signed itself, so that a careful client refuses it.
    #[cfg(feature = "tls")]
    pub fn self_signed(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Starts listening.
    ///
    /// # Errors
    /// When the port is taken or no certificate can be made.
    pub fn start(self) -> io::Result<LabServer> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::new(self.usual, self.limit, self.reject, self.seed));
        #[cfg(feature = "tls")]
        let wrap = if self.tls { Some(tls::self_signed()?) } else { None };
        let shared = Arc::clone(&state);
        let accept = move || {
            thread::scope(|connections| {
                let mut number = 0_u64;
                let mut failing = false;
                loop {
                    let socket = match listener.accept() {
                        Ok((socket, _)) => Arc::new(socket),
                        Err(_) if shared.is_closing() => break,
                        Err(why) => {
                            // Usually the process has no descriptor left. A connection
                            // that ends gives one back.
                            if !failing {
                                let _ = writeln!(
                                    stderr(),
                                    "lab-server: cannot accept: {why}: clients have to wait"
                                );
                            }
                            failing = true;
                            shared.pause(BACK_OFF);
                            continue;
                        }
                    };
                    failing = false;
                    number += 1;
                    // From here on the state can cut the connection, so that shutting down waits for no client.
                    if !shared.opened(number, &socket) {
                        break;
                    }
                    let state = &shared;
                    #[cfg(feature = "tls")]
                    let wrap = wrap.clone();
                    let serve = move || {
                        #[cfg(feature = "tls")]
                        if let Some(wrap) = wrap {
                            tls::serve(socket, &wrap, number, state);
                            return;
                        }
                        connection::serve(socket, number, state);
                    };
                    let name = format!("lab-{number}");
                    if thread::Builder::new().name(name).spawn_scoped(connections, serve).is_err() {
                        state.closed(number);
                    }
                }
            });
        };
        let acceptor = thread::Builder::new().name("lab-accept".into()).spawn(accept)?;
        let scheme = if self.tls { "https" } else { "http" };
        Ok(LabServer { address, scheme, state, acceptor: Some(acceptor) })
    }
}

/// A port on which nobody listens, held so that nobody else can begin to: connecting to it is refused.
pub struct RefusingPort(socket2::Socket);

impl RefusingPort {
    /// Takes a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn reserve() -> io::Result<RefusingPort> {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        Ok(RefusingPort(socket))
    }

    /// The address that refuses.
    ///
    /// # Panics
    /// When the system cannot say which port it gave out.
    pub fn address(&self) -> SocketAddr {
        address_of(&self.0)
    }
}

/// A port whose queue is full: connecting to it brings neither a connection nor a refusal, as where a firewall drops what
/// it does not like. Not on Windows, which refuses when a queue is full.
#[cfg(unix)]
pub struct FullPort {
    listener: socket2::Socket,
    _in_the_queue: Vec<TcpStream>,
}

#[cfg(unix)]
impl FullPort {
    /// Takes a free port of 127.0.0.1 and fills its queue; this takes half a second.
    ///
    /// # Errors
    /// When no port can be had, or when the queue is not full after a thousand connections.
    pub fn fill() -> io::Result<FullPort> {
        let listener = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
        listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        // Systems make room for some more than they are asked to. Nobody accepts, so what came in stays in.
        listener.listen(0)?;
        let address = address_of(&listener);
        let mut queue = Vec::new();
        while queue.len() < 1000 {
            match TcpStream::connect_timeout(&address, Duration::from_millis(500)) {
                Ok(socket) => queue.push(socket),
                Err(why) if why.kind() == io::ErrorKind::TimedOut => {
                    return Ok(FullPort { listener, _in_the_queue: queue });
                }
                Err(why) => return Err(why),
            }
        }
        Err(io::Error::other("a queue of 0 places took a thousand connections"))
    }

    /// The address that says nothing at all.
    ///
    /// # Panics
    /// When the system cannot say which port it gave out.
    pub fn address(&self) -> SocketAddr {
        address_of(&self.listener)
    }
}

fn address_of(socket: &socket2::Socket) -> SocketAddr {
    socket.local_addr().ok().and_then(|a| a.as_socket()).expect("a bound IPv4 socket has an address")
}
