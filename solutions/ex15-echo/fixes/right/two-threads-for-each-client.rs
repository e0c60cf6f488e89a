// Right: one thread reads, the other one writes, and a channel is between them.
use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

pub struct Server {
    listener: TcpListener,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    clients: Mutex<Clients>,
    left: Condvar,
}

#[derive(Default)]
struct Clients {
    stopped: bool,
    streams: HashMap<usize, TcpStream>,
}

pub struct Stop {
    shared: Arc<Shared>,
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
        thread::scope(|scope| {
            for number in 0.. {
                let accepted = self.listener.accept();
                let mut clients = self.shared.clients.lock().unwrap();
                if clients.stopped {
                    break;
                }
                let stream = match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) if error.kind() == ErrorKind::ConnectionAborted => continue,
                    Err(error) => return Err(error),
                };
                let (Ok(reading), Ok(listed)) = (stream.try_clone(), stream.try_clone()) else { continue };
                clients.streams.insert(number, listed);
                let (sender, receiver) = mpsc::sync_channel(4);
                scope.spawn(move || read_all(reading, &sender));
                scope.spawn(move || {
                    let _ = self.write_all(stream, &receiver);
                    self.shared.clients.lock().unwrap().streams.remove(&number);
                    self.shared.left.notify_all();
                });
            }
            let clients = self.shared.clients.lock().unwrap();
            for stream in clients.streams.values() {
                let _ = stream.shutdown(Shutdown::Read);
            }
            let second = Duration::from_secs(1);
            let are_left = |clients: &mut Clients| !clients.streams.is_empty();
            let (clients, _) = self.shared.left.wait_timeout_while(clients, second, are_left).unwrap();
            for stream in clients.streams.values() {
                let _ = stream.shutdown(Shutdown::Both);
            }
            Ok(())
        })
    }

    fn write_all(&self, mut stream: TcpStream, received: &Receiver<Vec<u8>>) -> io::Result<()> {
        for bytes in received {
            if let Err(error) = stream.write_all(&bytes) {
                // The reader may wait for a client that sends nothing, or for room in the channel.
                let _ = stream.shutdown(Shutdown::Both);
                return Err(error);
            }
        }
        if self.shared.clients.lock().unwrap().stopped {
            stream.write_all(b"Shutting down!")?;
        }
        stream.shutdown(Shutdown::Both)
    }
}

fn read_all(mut stream: TcpStream, sender: &SyncSender<Vec<u8>>) {
    let mut bytes = [0; 4096];
    while let Ok(n @ 1..) = stream.read(&mut bytes) {
        if sender.send(bytes[..n].to_vec()).is_err() {
            return;
        }
    }
}

impl Stop {
    pub fn stop(&self) {
        self.shared.clients.lock().unwrap().stopped = true;
        let _ = TcpStream::connect(self.addr);
    }
}
