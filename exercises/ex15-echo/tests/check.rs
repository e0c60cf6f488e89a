// The check of exercise 15. It is finished: change src/lib.rs, not this file.
//
// A thread that waits in `accept` or `read` runs no code, so it cannot look at a flag. A server that can be stopped has to
// wake those that wait, or let them wait for a short time only. Then it has to end well: every client gets back what
// it has sent, then `Shutting down!`, then the end of the stream; and all threads are joined before `run` returns, even that
// of a client that never reads.
//
// This check talks to your server through real sockets on 127.0.0.1. `std::thread` is watched in here: a thread that nobody
// joins is told with the line that started it.
// Run it with `cargo test -p ex15-echo`; read docs/15-echo.md.

extern crate std as real;
// In this file, and in what it takes in, `std` is this crate: the real one, but for `thread`.
extern crate self as std;
pub use real::*;
pub mod threads;
pub use threads as thread;

mod echo {
    include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs"));
}

use echo::{Server, Stop};
use real::cell::Cell;
use real::io::{ErrorKind, Read, Write};
use real::net::{Shutdown, SocketAddr, TcpStream};
use real::panic::{AssertUnwindSafe, catch_unwind};
use real::sync::atomic::{AtomicBool, Ordering::Relaxed};
use real::sync::mpsc::{self, Receiver};
use real::sync::{Mutex, Once};
use real::time::Duration;
use threads::Started;

const GOODBYE: &[u8] = b"Shutting down!";

#[test]
fn everybody_is_told_goodbye() {
    let running = Running::start();
    let mut clients: Vec<Client> = (1..=4).map(|_| running.client()).collect();
    for (number, client) in clients.iter_mut().enumerate() {
        client.says(format!("I am number {number}").as_bytes());
    }
    running.stop();
    for client in &mut clients {
        client.hears_the_end(b"");
    }
    // All clients are still connected, and none of them says anything.
    running.has_ended();
}

#[test]
fn every_byte_comes_back_as_it_was() {
    let running = Running::start();
    let mut patient = running.client();
    // No line, no text, and a second client is served while the first one stays.
    let mut other = running.client();
    other.says(&[0, 255, 10, 13, 128]);
    patient.says(b"still served");
    // Far more than any buffer holds, read while it is written.
    let megabytes: Vec<u8> = (0..4_000_000_u32).map(|n| (n % 251) as u8).collect();
    let (mut writer, sent) = (other.stream.try_clone().unwrap(), megabytes.clone());
    let writing = real::thread::spawn(move || {
        let _ = writer.write_all(&sent);
        // The end of what it says, not of what it hears.
        let _ = writer.shutdown(Shutdown::Write);
    });
    let heard = other.hears_until_the_end("a client closed its side, but");
    assert!(
        heard == megabytes,
        "a client sent {} bytes and closed its side; {} bytes came back before the end, {}",
        megabytes.len(),
        heard.len(),
        if megabytes.starts_with(&heard) { "and the rest is lost" } else { "and they are not the same" }
    );
    let _ = writing.join();
    running.stop();
    patient.hears_the_end(b"");
    running.has_ended();
}

#[test]
fn what_has_arrived_is_echoed_before_the_goodbye() {
    for _ in 0..5 {
        let running = Running::start();
        let mut clients: Vec<Client> = (0..12).map(|_| running.client()).collect();
        // Each burst fits into the server's buffer: it has arrived when the write is done, and the stop comes behind it.
        let burst: Vec<u8> = (0..32_000_u32).map(|n| (n % 249) as u8).collect();
        for client in &mut clients {
            client.writes(&burst);
        }
        running.stop();
        for client in &mut clients {
            client.hears_the_end(&burst);
        }
        running.has_ended();
    }
}

#[test]
fn a_client_that_never_reads_holds_nobody_up() {
    let running = Running::start();
    let deaf = running.client();
    // It sends until nothing more goes in: every buffer on the way is full, and the server's thread is stuck in a write.
    deaf.stream.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    while (&deaf.stream).write(&[b'x'; 65_536]).is_ok() {}
    let mut polite = running.client();
    polite.says(b"and me?");
    running.stop();
    polite.hears_the_end(b"");
    running.has_ended();
}

#[test]
fn a_client_that_breaks_off_harms_nobody() {
    let running = Running::start();
    let mut polite = running.client();
    for _ in 0..5 {
        let mut rude = running.client();
        // To close with an echo unread is to reset the connection.
        rude.writes(&[b'x'; 8_192]);
        let _ = rude.stream.peek(&mut [0]);
    }
    polite.says(b"still here");
    running.client().says(b"come in");
    running.stop();
    polite.hears_the_end(b"");
    running.has_ended();
}

#[test]
fn a_stop_before_the_start_is_not_forgotten() {
    let started = Started::default();
    started.adopt();
    let server = bind();
    let stop = server.stop_handle();
    stop_within_bounds(server.stop_handle(), &started);
    stop_within_bounds(stop, &started);
    Running::run(server, started).has_ended();
}

/// A server whose `run` was called, on a thread of its own.
struct Running {
    addr: SocketAddr,
    stop: Mutex<Option<Stop>>,
    started: Started,
    ended: Receiver<(real::thread::Result<io::Result<()>>, Option<String>)>,
}

impl Running {
    fn start() -> Self {
        let started = Started::default();
        started.adopt();
        let server = bind();
        Self::run(server, started)
    }

    fn run(server: Server, started: Started) -> Self {
        keep_panics_for_later();
        let (tell, ended) = mpsc::channel();
        let (addr, stop) = (server.local_addr(), Mutex::new(Some(server.stop_handle())));
        let list = started.clone();
        real::thread::spawn(move || {
            list.adopt();
            let outcome = catch_unwind(AssertUnwindSafe(|| server.run()));
            // Now, and not when the server is dropped: `run` promises it.
            let _ = tell.send((outcome, list.not_joined()));
        });
        Running { addr, stop, started, ended }
    }

    fn stop(&self) {
        let stop = self.stop.lock().unwrap().take().expect("each test stops its server once");
        stop_within_bounds(stop, &self.started);
    }

    fn client(&self) -> Client {
        let stream = TcpStream::connect(self.addr).unwrap_or_else(|why| {
            panic!("a client cannot connect to the running server: {why}{}", kept_panics())
        });
        let mut client = Client { stream };
        // Its echo proves that it was let in.
        client.says(b"hello");
        client
    }

    fn has_ended(&self) {
        let Ok((outcome, not_joined)) = self.ended.recv_timeout(patience()) else {
            panic!(
                "the server was stopped, but run has not returned: what is it still waiting for?{}",
                kept_panics()
            );
        };
        match outcome {
            Err(_) => panic!("run panicked instead of returning{}", kept_panics()),
            Ok(Err(why)) => panic!("the server was stopped, and run returned an error: {why}"),
            Ok(Ok(())) => {}
        }
        if let Some(place) = not_joined.or_else(|| self.started.not_joined()) {
            panic!("run has returned, but nobody has joined a thread that was started at {place}");
        }
    }
}

/// Stops on a thread of its own: `stop` may be called anywhere, and may not wait for a client.
fn stop_within_bounds(stop: Stop, started: &Started) {
    let (tell, told) = mpsc::channel();
    let list = started.clone();
    real::thread::spawn(move || {
        list.adopt();
        stop.stop();
        let _ = tell.send(());
    });
    if told.recv_timeout(patience()).is_err() {
        panic!("Stop::stop has not returned: what does it wait for?{}", kept_panics());
    }
}

fn bind() -> Server {
    Server::bind("127.0.0.1:0").unwrap_or_else(|why| panic!("Server::bind(\"127.0.0.1:0\") failed: {why}"))
}

struct Client {
    stream: TcpStream,
}

impl Client {
    fn writes(&mut self, bytes: &[u8]) {
        self.stream.set_write_timeout(Some(patience())).unwrap();
        if let Err(why) = self.stream.write_all(bytes) {
            panic!(
                "a client cannot send {} bytes to the running server: {why}{}",
                bytes.len(),
                kept_panics()
            );
        }
    }

    /// Sends this, and expects it back.
    fn says(&mut self, bytes: &[u8]) {
        self.writes(bytes);
        let mut heard = vec![];
        while heard.len() < bytes.len() {
            match self.reads() {
                Ok(more) if !more.is_empty() => heard.extend(more),
                Ok(_) => panic!(
                    "a client sent {}, and the connection was closed instead of an echo{}",
                    show(bytes),
                    kept_panics()
                ),
                Err(why) => panic!(
                    "a client sent {}, and waited in vain for its echo: {why}{}",
                    show(bytes),
                    kept_panics()
                ),
            }
        }
        assert!(heard == bytes, "a client sent {}, but {} came back", show(bytes), show(&heard));
    }

    fn reads(&mut self) -> Result<Vec<u8>, String> {
        let limit = patience();
        self.stream.set_read_timeout(Some(limit)).unwrap();
        let mut bytes = vec![0; 65_536];
        loop {
            return match self.stream.read(&mut bytes) {
                Ok(n) => Ok(bytes[..n].to_vec()),
                Err(why) if why.kind() == ErrorKind::Interrupted => continue,
                Err(why) if matches!(why.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    Err(format!("nothing came in {} seconds", limit.as_secs()))
                }
                Err(why) => Err(why.to_string()),
            };
        }
    }

    /// What comes before the end of the stream. `after` begins the sentence if there is no end: what has happened, and who.
    fn hears_until_the_end(&mut self, after: &str) -> Vec<u8> {
        let mut heard = vec![];
        loop {
            match self.reads() {
                Ok(more) if more.is_empty() => return heard,
                Ok(more) => heard.extend(more),
                Err(why) => {
                    let heard = show(&heard);
                    panic!(
                        "{after} did not hear the end of its stream: it heard {heard}, and then {why}{}",
                        kept_panics()
                    )
                }
            }
        }
    }

    /// After a stop: the rest of its echo, then the goodbye, then the end.
    fn hears_the_end(&mut self, echo: &[u8]) {
        let heard = self.hears_until_the_end("the server was stopped, but a client that was connected");
        if heard.strip_prefix(echo) == Some(GOODBYE) {
            return;
        }
        let Some(words) = heard.strip_prefix(echo) else {
            let right = heard.iter().zip(echo).take_while(|(heard, sent)| heard == sent).count();
            panic!(
                "{} bytes had been sent before the stop, but only {right} came back before {}",
                echo.len(),
                match &heard[right..] {
                    [] => "the end of the stream".to_string(),
                    words => show(words),
                }
            );
        };
        match words {
            [] => panic!(
                "the server was stopped, but a client that was connected heard no goodbye before the end of its stream"
            ),
            words => panic!(
                "the last words to a client are \"Shutting down!\" and nothing else, but it heard {}",
                show(words)
            ),
        }
    }
}

/// Bytes for a message: not too many of them.
fn show(bytes: &[u8]) -> String {
    match bytes.len() {
        0 => "nothing".to_string(),
        1..=60 => format!("\"{}\"", bytes.escape_ascii()),
        n => format!("{n} bytes that end with \"{}\"", bytes[n - 20..].escape_ascii()),
    }
}

/// How long to wait for what takes milliseconds: long enough for a busy machine, and less once a test has failed, so that the
/// others do not all wait in vain.
fn patience() -> Duration {
    Duration::from_secs(if HAS_FAILED.load(Relaxed) { 2 } else { 6 })
}

static HAS_FAILED: AtomicBool = AtomicBool::new(false);
thread_local!(static IS_TEST: Cell<bool> = const { Cell::new(false) });
static PANICS: Mutex<Vec<String>> = Mutex::new(vec![]);

/// A failure begins with the check's own sentence: panics of other threads are told behind it.
fn keep_panics_for_later() {
    static ONCE: Once = Once::new();
    IS_TEST.set(true);
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panic| match IS_TEST.get() {
            true => {
                HAS_FAILED.store(true, Relaxed);
                usual(panic);
            }
            false => PANICS.lock().unwrap().push(panic.to_string()),
        }));
    });
}

fn kept_panics() -> String {
    let mut panics = PANICS.lock().unwrap().clone();
    panics.dedup();
    panics.iter().map(|panic| format!("\n\na thread {panic}")).collect()
}
