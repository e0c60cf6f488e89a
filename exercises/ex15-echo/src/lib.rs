// An echo server: a thread for each client sends back whatever that client sends.
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

/// An echo server; `run` serves its clients.
pub struct Server {
    listener: TcpListener,
}

/// Stops its server, from any thread.
pub struct Stop {}

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
        Stop {}
    }

    /// Serves clients until the server is stopped. When this returns, all threads have been joined.
    pub fn run(&self) -> io::Result<()> {
        for stream in self.listener.incoming() {
            let stream = stream?;
            thread::spawn(move || echo(stream));
        }
        Ok(())
    }
}

impl Stop {
    /// Makes `run` say goodbye to every client and return. Doesn't wait for it.
    pub fn stop(&self) {
        // TODO: threads that wait in `accept` or `read` don't notice this, and no thread is joined.
    }
}

fn echo(mut stream: TcpStream) -> io::Result<()> {
    let mut bytes = [0; 1024];
    loop {
        let n = stream.read(&mut bytes)?;
        if n == 0 {
            return Ok(());
        }
        stream.write_all(&bytes[..n])?;
    }
}
