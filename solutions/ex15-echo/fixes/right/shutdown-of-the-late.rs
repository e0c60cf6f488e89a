// Right: a list of the clients; after a second, a shutdown ends those that are left, also within a write.
use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

const PULSE: Duration = Duration::from_millis(50);
const GRACE: Duration = Duration::from_secs(1);

pub struct Server {
    listener: TcpListener,
    stopped: Arc<AtomicBool>,
    clients: Mutex<HashMap<usize, TcpStream>>,
    gone: Condvar,
}

pub struct Stop {
    stopped: Arc<AtomicBool>,
    addr: SocketAddr,
}

impl Server {
    pub fn bind(addr: &str) -> io::Result<Server> {
        let listener = TcpListener::bind(addr)?;
        let stopped = Arc::new(AtomicBool::new(false));
        Ok(Server { listener, stopped, clients: Mutex::default(), gone: Condvar::new() })
    }

    pub fn local_addr(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    pub fn stop_handle(&self) -> Stop {
        Stop { stopped: Arc::clone(&self.stopped), addr: self.local_addr() }
    }

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
        stream.set_write_timeout(cfg!(windows).then_some(GRACE))?;
        let mut bytes = [0; 4096];
        loop {
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

    fn cut_off_the_late(&self) {
        let clients = self.clients.lock().unwrap();
        let (late, _) = self.gone.wait_timeout_while(clients, GRACE, |clients| !clients.is_empty()).unwrap();
        for client in late.values() {
            let _ = client.shutdown(Shutdown::Both);
        }
    }
}

impl Stop {
    pub fn stop(&self) {
        self.stopped.store(true, SeqCst);
        let _ = TcpStream::connect(self.addr);
    }
}
