// Right: a second thread accepts, and `run` waits for the stop in a channel.
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

pub struct Server {
    listener: TcpListener,
    stopping: Arc<AtomicBool>,
    stop: Sender<()>,
    told: Mutex<Receiver<()>>,
}

pub struct Stop(Sender<()>);

impl Server {
    pub fn bind(addr: &str) -> io::Result<Server> {
        let (stop, told) = mpsc::channel();
        let listener = TcpListener::bind(addr)?;
        Ok(Server { listener, stopping: Arc::default(), stop, told: Mutex::new(told) })
    }

    pub fn local_addr(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    pub fn stop_handle(&self) -> Stop {
        Stop(self.stop.clone())
    }

    pub fn run(&self) -> io::Result<()> {
        let (listener, stopping) = (self.listener.try_clone()?, Arc::clone(&self.stopping));
        let accepting = thread::Builder::new().name("accepting".into()).spawn(move || {
            let mut clients = vec![];
            for stream in listener.incoming() {
                if stopping.load(SeqCst) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                clients.retain(|client: &thread::JoinHandle<_>| !client.is_finished());
                let stopping = Arc::clone(&stopping);
                clients.push(thread::spawn(move || echo(&stream, &stopping)));
            }
            clients
        })?;
        self.told.lock().unwrap().recv().expect("the server keeps a sender");
        self.stopping.store(true, SeqCst);
        let _knock = TcpStream::connect(self.local_addr());
        for client in accepting.join().unwrap() {
            let _ = client.join();
        }
        Ok(())
    }
}

impl Stop {
    pub fn stop(&self) {
        // Without a server there is nothing to stop.
        let _ = self.0.send(());
    }
}

/// Whole writes would block with a client that does not read, so each piece has a time-out, and all of them together too.
fn echo(mut stream: &TcpStream, stopping: &AtomicBool) -> io::Result<()> {
    let pulse = Some(Duration::from_millis(30));
    stream.set_read_timeout(pulse)?;
    stream.set_write_timeout(pulse)?;
    let late = |error: &io::Error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
    let mut bytes = [0; 512];
    let mut deadline: Option<Instant> = None;
    loop {
        let last_round = stopping.load(SeqCst);
        let n = match stream.read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(n) => n,
            Err(error) if late(&error) && last_round => break,
            Err(error) if late(&error) => continue,
            Err(error) => return Err(error),
        };
        let mut rest = &bytes[..n];
        while !rest.is_empty() {
            if stopping.load(SeqCst) {
                let end = *deadline.get_or_insert_with(|| Instant::now() + Duration::from_secs(1));
                if Instant::now() > end {
                    return Err(ErrorKind::TimedOut.into());
                }
            }
            match stream.write(rest) {
                Ok(n) => rest = &rest[n..],
                Err(error) if late(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }
    stream.write_all(b"Shutting down!")?;
    stream.shutdown(Shutdown::Both)
}
