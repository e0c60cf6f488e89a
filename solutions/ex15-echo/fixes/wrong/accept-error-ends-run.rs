// Wrong: a client that breaks off before it is let in makes `accept` fail, and the server ends.
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

const PULSE: Duration = Duration::from_millis(50);
const GRACE: Duration = Duration::from_secs(1);

/// A server that listens; `run` makes it answer.
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
    /// Listens on `addr`; the system chooses a port for `127.0.0.1:0`.
    pub fn bind(addr: &str) -> io::Result<Server> {
        let listener = TcpListener::bind(addr)?;
        let stopped = Arc::new(AtomicBool::new(false));
        Ok(Server { listener, stopped })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    /// The handle that stops it.
    pub fn stop_handle(&self) -> Stop {
        Stop { stopped: Arc::clone(&self.stopped), addr: self.local_addr() }
    }

    /// Serves until it is stopped. When it returns, all its threads have ended.
    pub fn run(&self) -> io::Result<()> {
        thread::scope(|scope| {
            let mut outcome = Ok(());
            loop {
                let accepted = self.listener.accept();
                if self.stopped.load(SeqCst) {
                    break;
                }
                match accepted {
                    Ok((stream, _)) => {
                        scope.spawn(move || {
                            // An error is this client's own trouble.
                            let _ = self.echo(stream);
                        });
                    }
                    Err(error) => {
                        outcome = Err(error);
                        self.stopped.store(true, SeqCst);
                        break;
                    }
                }
            }
            outcome
        })
    }

    fn echo(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(PULSE))?;
        // Windows does not promise that a shutdown ends a write that blocks.
        stream.set_write_timeout(Some(GRACE))?;
        let mut bytes = [0; 4096];
        let mut deadline: Option<Instant> = None;
        loop {
            // Before the read: bytes that arrive between the read and the stop are not forgotten.
            let stopped = self.stopped.load(SeqCst);
            if stopped && *deadline.get_or_insert_with(|| Instant::now() + GRACE) < Instant::now() {
                // It goes on sending: it has had its time.
                return Ok(());
            }
            match stream.read(&mut bytes) {
                Ok(0) => return Ok(()),
                Ok(n) => stream.write_all(&bytes[..n])?,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    if stopped {
                        stream.write_all(b"Shutting down!")?;
                        return stream.shutdown(Shutdown::Both);
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Stop {
    /// Makes `run` say goodbye to everybody, and return.
    pub fn stop(&self) {
        self.stopped.store(true, SeqCst);
        // A knock at our own door wakes `accept`. If nobody listens any more, nobody has to be woken.
        let _ = TcpStream::connect(self.addr);
    }
}
