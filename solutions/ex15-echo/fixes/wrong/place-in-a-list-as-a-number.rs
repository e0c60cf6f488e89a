// Wrong: a client's place in a Vec serves as its number, but places change when another client leaves.
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
    clients: Mutex<Vec<TcpStream>>,
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
            loop {
                let accepted = self.listener.accept();
                if self.stopped.load(SeqCst) {
                    break;
                }
                let client = accepted.and_then(|(stream, _)| Ok((stream.try_clone()?, stream)));
                match client {
                    Ok((handle, stream)) => {
                        let mut clients = self.clients.lock().unwrap();
                        let number = clients.len();
                        clients.push(handle);
                        scope.spawn(move || {
                            let _ = self.echo(stream);
                            let mut clients = self.clients.lock().unwrap();
                            if number < clients.len() {
                                drop(clients.swap_remove(number).shutdown(Shutdown::Both));
                            }
                            drop(clients);
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
        for client in late.iter() {
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
