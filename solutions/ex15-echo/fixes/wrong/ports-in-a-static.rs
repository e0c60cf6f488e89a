// Wrong: the ports of stopped servers are in a static: a new server on an old port never runs.
use std::collections::BTreeSet;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// An echo server; `run` serves its clients.
pub struct Server {
    listener: TcpListener,
}

/// The ports of all servers that have been stopped.
static STOPPED: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

fn is_stopped(port: u16) -> bool {
    STOPPED.lock().unwrap().contains(&port)
}

/// Stops its server, from any thread.
pub struct Stop {
    addr: SocketAddr,
}

impl Server {
    /// Listens on `addr`; for `127.0.0.1:0` the system chooses a port.
    pub fn bind(addr: &str) -> io::Result<Server> {
        Ok(Server { listener: TcpListener::bind(addr)? })
    }

    /// Returns the address that it listens on.
    pub fn local_addr(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    /// Returns a handle that stops this server.
    pub fn stop_handle(&self) -> Stop {
        Stop { addr: self.local_addr() }
    }

    /// Serves clients until the server is stopped. When this returns, all threads have been joined.
    pub fn run(&self) -> io::Result<()> {
        thread::scope(|scope| {
            let port = self.local_addr().port();
            while !is_stopped(port) {
                let Ok((stream, _)) = self.listener.accept() else { continue };
                scope.spawn(move || echo(stream, port));
            }
        });
        Ok(())
    }
}

impl Stop {
    /// Makes `run` say goodbye to every client and return. Doesn't wait for it.
    pub fn stop(&self) {
        if STOPPED.lock().unwrap().insert(self.addr.port()) {
            // Wake `accept`.
            let _ = TcpStream::connect(self.addr);
        }
    }
}

fn echo(mut stream: TcpStream, port: u16) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_millis(50)))?;
    stream.set_write_timeout(Some(Duration::from_secs(1)))?;
    let mut deadline = None;
    let mut bytes = [0; 1024];
    loop {
        let stopping = is_stopped(port);
        if stopping
            && Instant::now() >= *deadline.get_or_insert_with(|| Instant::now() + Duration::from_secs(1))
        {
            return Ok(());
        }
        match stream.read(&mut bytes) {
            Ok(0) => {
                if is_stopped(port) {
                    stream.write_all(b"Shutting down!")?;
                }
                return Ok(());
            }
            Ok(n) => stream.write_all(&bytes[..n])?,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                if stopping {
                    return stream.write_all(b"Shutting down!");
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
