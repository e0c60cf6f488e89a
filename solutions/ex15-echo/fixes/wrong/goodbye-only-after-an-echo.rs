// Wrong: a client that has never sent anything gets no goodbye.
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

const PULSE: Duration = Duration::from_millis(50);
const GRACE: Duration = Duration::from_secs(1);

pub struct Server {
    listener: TcpListener,
    stopped: Arc<AtomicBool>,
}

pub struct Stop {
    stopped: Arc<AtomicBool>,
    addr: SocketAddr,
}

impl Server {
    pub fn bind(addr: &str) -> io::Result<Server> {
        Ok(Server { listener: TcpListener::bind(addr)?, stopped: Arc::default() })
    }

    pub fn local_addr(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    pub fn stop_handle(&self) -> Stop {
        Stop { stopped: Arc::clone(&self.stopped), addr: self.local_addr() }
    }

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
                            let _ = self.echo(stream);
                        });
                    }
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
        stream.set_write_timeout(Some(GRACE))?;
        let mut bytes = [0; 4096];
        let mut deadline = None;
        let mut spoke = false;
        loop {
            let stopped = self.stopped.load(SeqCst);
            if stopped && Instant::now() > *deadline.get_or_insert_with(|| Instant::now() + GRACE) {
                return Ok(());
            }
            match stream.read(&mut bytes) {
                Ok(0) => return Ok(()),
                Ok(n) => {
                    spoke = true;
                    stream.write_all(&bytes[..n])?;
                }
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    if stopped {
                        return if spoke { stream.write_all(b"Shutting down!") } else { Ok(()) };
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Stop {
    pub fn stop(&self) {
        self.stopped.store(true, SeqCst);
        let _ = TcpStream::connect(self.addr);
    }
}
