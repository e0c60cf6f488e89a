// Wrong: every client is shut down at once, without a goodbye.
use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

const PULSE: Duration = Duration::from_millis(50);
const GRACE: Duration = Duration::from_secs(1);

/// A server that listens; `run` makes it answer.
pub struct Server {
    listener: TcpListener,
    stopped: Arc<AtomicBool>,
    clients: Mutex<HashMap<usize, TcpStream>>,
    gone: Condvar,
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
        Ok(Server { listener, stopped, clients: Mutex::default(), gone: Condvar::new() })
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
            for number in 0.. {
                let accepted = self.listener.accept();
                if self.stopped.load(SeqCst) {
                    break;
                }
                let client = accepted.and_then(|(stream, _)| Ok((stream.try_clone()?, stream)));
                match client {
                    Ok((handle, stream)) => {
                        self.clients.lock().unwrap().insert(number, handle);
                        scope.spawn(move || {
                            // An error is this client's own trouble.
                            let _ = self.echo(stream);
                            self.clients.lock().unwrap().remove(&number);
                            self.gone.notify_all();
                        });
                    }
                    Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                    Err(error) => {
                        outcome = Err(error);
                        self.stopped.store(true, SeqCst);
                        break;
                    }
                }
            }
            self.cut_off_the_late();
            outcome
        })
    }

    fn echo(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(PULSE))?;
        // Windows does not promise that a shutdown ends a write that blocks.
        stream.set_write_timeout(cfg!(windows).then_some(GRACE))?;
        let mut bytes = [0; 4096];
        loop {
            // Before the read: bytes that arrive between the read and the stop are not forgotten.
            let stopped = self.stopped.load(SeqCst);
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

    /// Gives everybody time for the goodbye. A shutdown then wakes the threads that are stuck in a write.
    fn cut_off_the_late(&self) {
        let clients = self.clients.lock().unwrap();
        let (late, _) = self.gone.wait_timeout(clients, GRACE * 0).unwrap();
        for client in late.values() {
            // An error means that it has ended already.
            let _ = client.shutdown(Shutdown::Both);
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
