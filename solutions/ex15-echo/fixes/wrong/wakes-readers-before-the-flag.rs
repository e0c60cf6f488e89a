// Wrong: `stop` wakes the readers and then sets the flag; by then they have left without a goodbye.
use std::collections::HashMap;
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
    clients: HashMap<usize, TcpStream>,
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
        for (number, stream) in self.listener.incoming().enumerate() {
            let mut shared = self.shared.lock().unwrap();
            if shared.stopped {
                break;
            }
            threads.retain(|thread| !thread.is_finished());
            let Ok(stream) = stream else { continue };
            shared.clients.insert(number, stream.try_clone()?);
            let for_thread = Arc::clone(&self.shared);
            threads.push(thread::spawn(move || {
                echo(stream, &for_thread);
                for_thread.lock().unwrap().clients.remove(&number);
            }));
        }
        // A client that does not read is cut off after a second.
        for _ in 0..20 {
            if threads.iter().all(JoinHandle::is_finished) {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        for client in self.shared.lock().unwrap().clients.values() {
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
    if shared.lock().unwrap().stopped {
        let _ = stream.write_all(b"Shutting down!");
    }
    let _ = stream.shutdown(Shutdown::Both);
}

impl Stop {
    pub fn stop(&self) {
        let shared = self.shared.lock().unwrap();
        let clients: Vec<TcpStream> =
            shared.clients.values().filter_map(|client| client.try_clone().ok()).collect();
        drop(shared);
        for client in clients {
            let _ = client.shutdown(Shutdown::Read);
        }
        self.shared.lock().unwrap().stopped = true;
        let _ = TcpStream::connect(self.addr);
    }
}
