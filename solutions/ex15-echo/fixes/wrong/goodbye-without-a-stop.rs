// Wrong: a client that closes its side is told goodbye, whether the server was stopped or not.
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub struct Server {
    listener: TcpListener,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    stopped: bool,
    clients: Vec<TcpStream>,
}

pub struct Stop {
    shared: Arc<Mutex<Shared>>,
    addr: SocketAddr,
}

impl Server {
    pub fn bind(addr: &str) -> io::Result<Server> {
        Ok(Server { listener: TcpListener::bind(addr)?, shared: Arc::default() })
    }

    pub fn local_addr(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    pub fn stop_handle(&self) -> Stop {
        Stop { shared: Arc::clone(&self.shared), addr: self.local_addr() }
    }

    pub fn run(&self) -> io::Result<()> {
        let mut threads: Vec<JoinHandle<()>> = vec![];
        for stream in self.listener.incoming() {
            let mut shared = self.shared.lock().unwrap();
            if shared.stopped {
                break;
            }
            let Ok(stream) = stream else { continue };
            shared.clients.push(stream.try_clone()?);
            let for_thread = Arc::clone(&self.shared);
            threads.push(thread::spawn(move || echo(stream, &for_thread)));
        }
        // A client that does not read is cut off after a second.
        for _ in 0..20 {
            if threads.iter().all(JoinHandle::is_finished) {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        for client in &self.shared.lock().unwrap().clients {
            let _ = client.shutdown(Shutdown::Both);
        }
        for thread in threads {
            let _ = thread.join();
        }
        Ok(())
    }
}

fn echo(mut stream: TcpStream, shared: &Mutex<Shared>) {
    let mut bytes = [0; 1024];
    while let Ok(n @ 1..) = stream.read(&mut bytes) {
        if stream.write_all(&bytes[..n]).is_err() {
            return;
        }
    }
    drop(shared.lock());
    let _ = stream.write_all(b"Shutting down!");
    let _ = stream.shutdown(Shutdown::Both);
}

impl Stop {
    pub fn stop(&self) {
        let mut shared = self.shared.lock().unwrap();
        shared.stopped = true;
        for client in &shared.clients {
            let _ = client.shutdown(Shutdown::Read);
        }
        drop(shared);
        let _ = TcpStream::connect(self.addr);
    }
}
