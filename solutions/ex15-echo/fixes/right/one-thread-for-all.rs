// Right: no socket blocks, and one thread serves all of them in turn.
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

pub struct Server {
    listener: TcpListener,
    stopped: Arc<AtomicBool>,
}

pub struct Stop(Arc<AtomicBool>);

/// A client, and what it is still to get back.
struct Client {
    stream: TcpStream,
    owed: Vec<u8>,
    ended: bool,
}

impl Server {
    pub fn bind(addr: &str) -> io::Result<Server> {
        Ok(Server { listener: TcpListener::bind(addr)?, stopped: Arc::default() })
    }

    pub fn local_addr(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    pub fn stop_handle(&self) -> Stop {
        Stop(Arc::clone(&self.stopped))
    }

    pub fn run(&self) -> io::Result<()> {
        self.listener.set_nonblocking(true)?;
        let mut clients: Vec<Client> = vec![];
        let mut deadline = None;
        loop {
            let stopped = self.stopped.load(SeqCst);
            if stopped && Instant::now() > *deadline.get_or_insert_with(|| Instant::now() + Duration::from_secs(1)) {
                return Ok(());
            }
            let mut moved = false;
            if !stopped && let Ok((stream, _)) = self.listener.accept() {
                stream.set_nonblocking(true)?;
                clients.push(Client { stream, owed: vec![], ended: false });
                moved = true;
            }
            clients.retain_mut(|client| match client.step(stopped) {
                Ok(step) => {
                    moved |= step;
                    !(client.ended && client.owed.is_empty())
                }
                Err(_) => false,
            });
            if stopped && clients.is_empty() {
                return Ok(());
            }
            if !moved {
                thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

impl Client {
    /// Reads and writes what goes without waiting. Returns whether anything did.
    fn step(&mut self, stopped: bool) -> io::Result<bool> {
        let mut moved = false;
        if !self.ended && self.owed.len() < 65_536 {
            let mut bytes = [0; 4096];
            match self.stream.read(&mut bytes) {
                Ok(0) => self.ended = true,
                Ok(n) => {
                    self.owed.extend(&bytes[..n]);
                    moved = true;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if stopped {
                        self.owed.extend(b"Shutting down!");
                        self.ended = true;
                    }
                }
                Err(error) => return Err(error),
            }
        }
        if !self.owed.is_empty() {
            match self.stream.write(&self.owed) {
                Ok(n) => {
                    self.owed.drain(..n);
                    moved = true;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(moved)
    }
}

impl Stop {
    pub fn stop(&self) {
        self.0.store(true, SeqCst);
    }
}
