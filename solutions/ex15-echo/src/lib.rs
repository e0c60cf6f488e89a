// An echo server that can be stopped: a thread for each client sends back what that client sends.
//
// Why this: a blocked thread can't look at a flag, so no thread blocks for long. A read gives up
// after `PULSE`, and its thread then looks at the flag. `accept` has no timeout in std, so `stop`
// wakes it with a connection of its own. Only one thread writes to each client, so a goodbye never
// lands within an echo.
//
// What else would do: `shutdown(Read)` on a clone of each client's socket, which wakes its reader at
// once but needs a list of the clients; or waiting for two things at once with `poll`, as
// crates/echo-cancellable does with a crate.
//
// What it costs: each idle client wakes a thread twenty times a second for nothing, and a stop takes
// as long as a pulse. A client that doesn't read, or keeps sending, is cut off after `GRACE`. A
// client that sends anything after the stop may lose its goodbye: if those bytes arrive when the
// socket is closed, the system answers with a reset, and throws away what the client hasn't received.
// echo-cancellable reads on for a while before it closes.
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

const PULSE: Duration = Duration::from_millis(50);
const GRACE: Duration = Duration::from_secs(1);

/// An echo server; `run` serves its clients.
pub struct Server {
    listener: TcpListener,
    stopped: Arc<AtomicBool>,
}

/// Stops its server, from any thread.
pub struct Stop {
    stopped: Arc<AtomicBool>,
    addr: SocketAddr,
}

impl Server {
    /// Listens on `addr`; for `127.0.0.1:0` the system chooses a port.
    pub fn bind(addr: &str) -> io::Result<Server> {
        Ok(Server { listener: TcpListener::bind(addr)?, stopped: Arc::default() })
    }

    /// Returns the address that it listens on.
    pub fn local_addr(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    /// Returns a handle that stops this server.
    pub fn stop_handle(&self) -> Stop {
        Stop { stopped: Arc::clone(&self.stopped), addr: self.local_addr() }
    }

    /// Serves clients until the server is stopped. When this returns, all threads have been joined.
    pub fn run(&self) -> io::Result<()> {
        thread::scope(|scope| {
            loop {
                let accepted = self.listener.accept();
                if self.stopped.load(SeqCst) {
                    return Ok(());
                }
                match accepted {
                    Ok((stream, _)) => {
                        scope.spawn(move || {
                            // An error ends this client's thread and nothing else.
                            let _ = self.echo(stream);
                        });
                    }
                    // Stage 2: the client broke off before it was let in.
                    Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                    Err(error) => {
                        self.stopped.store(true, SeqCst);
                        return Err(error);
                    }
                }
            }
        })
    }

    fn echo(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(PULSE))?;
        // Stage 2: a write to a client that doesn't read ends with an error.
        stream.set_write_timeout(Some(GRACE))?;
        let mut bytes = [0; 4096];
        let mut deadline = None;
        loop {
            // Before the read: what arrives between a read and the stop is read in the next round.
            let stopped = self.stopped.load(SeqCst);
            // Stage 2: a client that keeps sending never lets a read run out of time.
            if stopped && Instant::now() > *deadline.get_or_insert_with(|| Instant::now() + GRACE) {
                return Ok(());
            }
            match stream.read(&mut bytes) {
                Ok(0) => return Ok(()),
                Ok(n) => stream.write_all(&bytes[..n])?,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    if stopped {
                        return stream.write_all(b"Shutting down!");
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Stop {
    /// Makes `run` say goodbye to every client and return. Doesn't wait for it.
    pub fn stop(&self) {
        self.stopped.store(true, SeqCst);
        // A connection wakes `accept`. If it fails, the server listens no longer: nothing to wake.
        let _ = TcpStream::connect(self.addr);
    }
}
