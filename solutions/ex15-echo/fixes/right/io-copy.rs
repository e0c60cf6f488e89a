// Right: `io::copy` echoes; a shutdown of the reading side ends it, and a shutdown of both ends what is late.
use std::collections::HashMap;
use std::io::{self, ErrorKind, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

pub struct Server {
    listener: TcpListener,
    shared: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Default)]
struct State {
    stopped: bool,
    clients: HashMap<u64, Arc<TcpStream>>,
}

pub struct Stop {
    shared: Arc<(Mutex<State>, Condvar)>,
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
        Stop { shared: self.shared.clone(), addr: self.local_addr() }
    }

    pub fn run(&self) -> io::Result<()> {
        let (state, changed) = &*self.shared;
        thread::scope(|scope| {
            for number in 0_u64.. {
                let stream = match self.listener.accept() {
                    Ok((stream, _)) => Arc::new(stream),
                    Err(error) if error.kind() == ErrorKind::ConnectionAborted => continue,
                    Err(error) => return Err(error),
                };
                let mut guard = state.lock().unwrap();
                if guard.stopped {
                    break;
                }
                guard.clients.insert(number, Arc::clone(&stream));
                drop(guard);
                scope.spawn(move || {
                    let outcome = io::copy(&mut &*stream, &mut &*stream);
                    if outcome.is_ok() && state.lock().unwrap().stopped {
                        let _ = (&*stream).write_all(b"Shutting down!");
                    }
                    let _ = stream.shutdown(Shutdown::Both);
                    state.lock().unwrap().clients.remove(&number);
                    changed.notify_all();
                });
            }
            let guard = state.lock().unwrap();
            for client in guard.clients.values() {
                let _ = client.shutdown(Shutdown::Read);
            }
            let (guard, _) = changed
                .wait_timeout_while(guard, Duration::from_secs(1), |state| !state.clients.is_empty())
                .unwrap();
            for client in guard.clients.values() {
                let _ = client.shutdown(Shutdown::Both);
            }
            drop(guard);
            Ok(())
        })
    }
}

impl Stop {
    pub fn stop(&self) {
        self.shared.0.lock().unwrap().stopped = true;
        let _ = TcpStream::connect(self.addr);
    }
}
