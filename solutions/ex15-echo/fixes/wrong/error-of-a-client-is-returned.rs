// Wrong: `run` returns the error of a client, and the threads behind it are never joined.
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

/// An echo server; `run` serves its clients.
pub struct Server {
    listener: TcpListener,
    stopped: Arc<AtomicBool>,
}

/// Stops its server, from any thread.
pub struct Stop {
    addr: SocketAddr,
    stopped: Arc<AtomicBool>,
}

impl Server {
    /// Listens on `addr`; for `127.0.0.1:0` the system chooses a port.
    pub fn bind(addr: &str) -> io::Result<Server> {
        Ok(Server { listener: TcpListener::bind(addr)?, stopped: Arc::new(AtomicBool::new(false)) })
    }

    /// Returns the address that it listens on.
    pub fn local_addr(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    /// Returns a handle that stops this server.
    pub fn stop_handle(&self) -> Stop {
        Stop { addr: self.local_addr(), stopped: self.stopped.clone() }
    }

    /// Serves clients until the server is stopped. When this returns, all threads have been joined.
    pub fn run(&self) -> io::Result<()> {
        let mut threads: Vec<thread::JoinHandle<io::Result<()>>> = vec![];
        while !self.stopped.load(SeqCst) {
            let Ok((stream, _)) = self.listener.accept() else { continue };
            threads.retain(|thread| !thread.is_finished());
            let stopped = self.stopped.clone();
            threads.push(thread::spawn(move || echo(stream, &stopped)));
        }
        for thread in threads {
            thread.join().unwrap()?;
        }
        Ok(())
    }
}

impl Stop {
    /// Makes `run` say goodbye to every client and return. Doesn't wait for it.
    pub fn stop(&self) {
        if !self.stopped.swap(true, SeqCst) {
            // Wake `accept`.
            let _ = TcpStream::connect(self.addr);
        }
    }
}

fn echo(mut stream: TcpStream, stopped: &AtomicBool) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_millis(50)))?;
    stream.set_write_timeout(Some(Duration::from_secs(1)))?;
    let mut deadline = None;
    let mut bytes = [0; 1024];
    loop {
        let stopping = stopped.load(SeqCst);
        if stopping
            && Instant::now() >= *deadline.get_or_insert_with(|| Instant::now() + Duration::from_secs(1))
        {
            return Ok(());
        }
        match stream.read(&mut bytes) {
            Ok(0) => {
                if stopped.load(SeqCst) {
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
