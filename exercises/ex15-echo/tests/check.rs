// The check of exercise 15. It is finished: change src/lib.rs, not this file.
//
// A thread that waits in `accept` or `read` runs no code, so it cannot look at a flag. A server that can be stopped has to
// wake those that wait, or let them wait for a short time only. Then it has to end well: every client gets back what
// it has sent, then `Shutting down!`, then the end of the stream; and all threads are joined before `run` returns, even that
// of a client that never reads.
//
// This check talks to your server through real sockets on 127.0.0.1. `std::thread` and `std::net` are watched in here: a thread that
// nobody joins is told with the line that started it, and sockets do at once what they do elsewhere once in a while: a `write` takes
// only a part of what it is given, and `accept` has an error.
// Run it with `cargo test -p ex15-echo`; read docs/15-echo.md.

extern crate std as real;
// In this file, and in what it takes in, `std` is this crate: the real one, but for `net` and `thread`.
extern crate self as std;
pub use real::*;
pub mod sockets;
pub mod threads;
pub use sockets as net;
pub use threads as thread;

#[cfg_attr(not(feature = "solution"), path = "../src/lib.rs")]
#[cfg_attr(feature = "solution", path = "../../../solutions/ex15-echo/src/lib.rs")]
mod echo;
#[allow(unused_imports)]
use echo::*; // so that `crate::` means the same in src/lib.rs, here and there

use echo::{Server, Stop};
use real::cell::Cell;
use real::io::{ErrorKind, Read, Write};
use real::net::{Shutdown, SocketAddr, TcpStream};
use real::panic::{AssertUnwindSafe, catch_unwind};
use real::sync::atomic::{AtomicBool, Ordering::Relaxed};
use real::sync::mpsc::{self, Receiver, RecvTimeoutError};
use real::sync::{Mutex, Once};
use real::time::{Duration, Instant};
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
        match megabytes.starts_with(&heard) {
            true => "and the rest is lost",
            false if heard.len() < megabytes.len() =>
                "with gaps: `write` may take fewer bytes than it is given, and says how many",
            false => "and they are not the same",
        }
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
fn a_stop_within_an_echo_loses_nothing() {
    let running = Running::start();
    let mut client = running.client();
    let (held, hold_up) = until_more_has_arrived();
    running.started.sockets().before_each_write(hold_up);
    client.writes(b"one");
    assert!(held.comes(), "a client sent \"one\", and the server writes nothing{}", kept_panics());
    client.writes(b" two");
    held.until(|| running.stop());
    client.hears_the_end(b"one two");
    running.has_ended();
}

#[test]
fn a_stop_after_a_look_in_vain_loses_nothing() {
    let running = Running::start();
    let mut client = running.client();
    // A thread that is woken in another way never looks in vain.
    let looks = running.started.sockets().looks_now_and_then();
    let (held, hold_up) = until_more_has_arrived();
    if looks {
        running.started.sockets().after_each_read_in_vain(hold_up);
        held.comes();
    }
    client.writes(b"just in time");
    held.until(|| running.stop());
    client.hears_the_end(b"just in time");
    running.has_ended();
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
    running.has_ended_although("a client does not read, and how long does a write to it wait?");
}

#[test]
fn a_client_that_talks_on_and_on_holds_nobody_up() {
    let running = Running::start();
    let mut polite = running.client();
    let mut talker = running.client();
    let (addr, more) = (talker.stream.local_addr().unwrap(), talker.stream.try_clone().unwrap());
    more.set_write_timeout(Some(Duration::from_millis(100))).unwrap();
    // Before the server has written the echo of one word, the next word is there.
    running.started.sockets().before_each_write(move |server| {
        if server.peer_addr().is_ok_and(|peer| peer == addr) && (&more).write(b" and").is_ok() {
            has_something_to_read(server, Duration::from_millis(100));
            // Its pace: more is not needed to keep the server from ever being done.
            real::thread::sleep(Duration::from_millis(1));
        }
    });
    talker.writes(b"well");
    let echo = talker.reads();
    assert!(
        echo.as_ref().is_ok_and(|echo| echo.starts_with(b"w")),
        "a client sent \"well\", and waited in vain for its echo{}",
        kept_panics()
    );
    let listening = real::thread::spawn(move || while talker.reads().is_ok_and(|echo| !echo.is_empty()) {});
    running.stop();
    polite.hears_the_end(b"");
    running.has_ended_although("a client goes on sending, and how long is it echoed?");
    let _ = listening.join();
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
fn a_client_that_breaks_off_at_the_door_harms_nobody() {
    let running = Running::start();
    running.started.sockets().accept_fails_once();
    // A thread that is within `accept` lets this one in. The next call fails.
    let mut one = running.client_after(BROKEN_OFF);
    running.client_after(BROKEN_OFF).says(b"come in");
    one.says(b"still here");
    running.stop();
    one.hears_the_end(b"");
    running.has_ended();
}

#[test]
fn a_client_that_has_left_leaves_nothing_behind() {
    const MANY: usize = 40;
    let running = Running::start();
    let comes_and_goes = || {
        let mut client = running.client();
        let _ = client.stream.shutdown(Shutdown::Write);
        client.hears_until_the_end("a client closed its side, but");
    };
    (0..MANY).for_each(|_| comes_and_goes());
    // The last ones may still be on their way out, or be cleared away when others come.
    let sockets = || running.started.sockets().open();
    for _ in 0..MANY {
        if sockets().max(running.started.kept()) <= MANY / 2 {
            break;
        }
        comes_and_goes();
        real::thread::sleep(Duration::from_millis(50));
    }
    let (sockets, handles) = (sockets(), running.started.kept());
    assert!(
        sockets <= MANY / 2,
        "{} clients have come and gone, but the server still keeps {sockets} sockets open: who drops those of the departed?",
        2 * MANY
    );
    assert!(
        handles <= MANY / 2,
        "{} clients have come and gone, but the server still keeps the handles of {handles} threads that have ended",
        2 * MANY
    );
    running.stop();
    running.has_ended();
}

#[test]
fn who_waits_sleeps() {
    let running = Running::start();
    let mut clients = [running.client(), running.client(), running.client()];
    let sockets = running.started.sockets();
    // A thread that works may be charged for what another machine on the same processor does. So once is no proof.
    let mut busy = None;
    for _ in 0..3 {
        let (begin, worked) = (Instant::now(), sockets.processor_time());
        sockets.forget_looks();
        // Nobody sends: for this long, nothing happens.
        let (_nobody, nothing) = mpsc::channel::<()>();
        let _ = nothing.recv_timeout(Duration::from_millis(300));
        let (looks, shortest) = sockets.looks_in_vain();
        let worked = sockets.processor_time().saturating_sub(worked);
        // That the machine is busy makes these fewer, never more: the time in which they happened is measured too, and last.
        let time = begin.elapsed();
        assert!(
            shortest.is_none_or(|limit| limit >= Duration::from_millis(1)),
            "a thread waits for {:?} and looks again, as often as the system lets it: let it wait for some milliseconds at least",
            shortest.unwrap_or_default()
        );
        assert!(
            looks as f64 / time.as_secs_f64() < 2000.0,
            "for {} ms nobody said a word, and the server looked {looks} times in vain: let who waits sleep for some milliseconds at least",
            time.as_millis()
        );
        busy = Some((time, worked)).filter(|_| worked >= time / 10);
        if busy.is_none() {
            break;
        }
    }
    if let Some((time, worked)) = busy {
        panic!(
            "for {} ms nobody said a word, and the server kept a processor busy for {} of them: who looks again and again, and does not sleep?",
            time.as_millis(),
            worked.as_millis()
        );
    }
    for client in &mut clients {
        client.says(b"and you?");
    }
    running.stop();
    for client in &mut clients {
        client.hears_the_end(b"");
    }
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

const BROKEN_OFF: &str = "a client broke off at the door (`accept` returned ConnectionAborted), and then ";

/// A thread of the server that is held up.
struct Held {
    told: Receiver<&'static str>,
    go_on: mpsc::Sender<()>,
}

/// What a thread of the server is to call with its socket: the first that does is held up until more bytes have arrived there and
/// [`Held::until`] lets it go on.
fn until_more_has_arrived() -> (Held, impl Fn(&TcpStream) + Send + Sync + 'static) {
    let (tell, told) = mpsc::channel();
    let (go_on, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let hold_up = move |server: &TcpStream| {
        if let Ok(wait) = wait.try_lock()
            && tell.send("held").is_ok()
            && has_something_to_read(server, patience())
            && tell.send("more has arrived").is_ok()
        {
            let _ = wait.recv_timeout(patience());
        }
    };
    (Held { told, go_on }, hold_up)
}

impl Held {
    /// Whether a thread comes that is held up.
    fn comes(&self) -> bool {
        hears(&self.told).is_ok()
    }

    /// When more has arrived, does this, and lets the thread go on; from then on nobody is held up.
    fn until(self, done: impl FnOnce()) {
        let _ = hears(&self.told);
        drop(self.told);
        done();
        drop(self.go_on);
    }
}

/// Waits until bytes have arrived at this socket of the server.
fn has_something_to_read(server: &TcpStream, limit: Duration) -> bool {
    let limit = Instant::now() + limit;
    while Instant::now() < limit {
        match server.peek(&mut [0]) {
            Ok(1..) => return true,
            // The server has set it not to block, or has shut down its reading side; what is on its way arrives all the same.
            Ok(0) => real::thread::yield_now(),
            Err(why) if matches!(why.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                real::thread::yield_now();
            }
            Err(_) => return false,
        }
    }
    false
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
        self.client_after("")
    }

    /// `story` begins the sentence if it is not echoed.
    fn client_after(&self, story: &'static str) -> Client {
        let stream = TcpStream::connect(self.addr).unwrap_or_else(|why| {
            panic!("{story}a client cannot connect to the running server: {why}{}", kept_panics())
        });
        let mut client = Client { stream, story };
        // Its echo proves that it was let in.
        client.says(b"hello");
        client
    }

    fn has_ended(&self) {
        self.has_ended_although("");
    }

    fn has_ended_although(&self, story: &str) {
        let Ok((outcome, not_joined)) = hears(&self.ended) else {
            panic!(
                "the server was stopped, but run has not returned: {}{}",
                if story.is_empty() { "what is it still waiting for?" } else { story },
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
    match hears(&told) {
        Ok(()) => {}
        Err(RecvTimeoutError::Timeout) => {
            panic!("Stop::stop has not returned: what does it wait for?{}", kept_panics())
        }
        Err(RecvTimeoutError::Disconnected) => {
            panic!("Stop::stop panicked instead of returning{}", kept_panics())
        }
    }
}

fn bind() -> Server {
    keep_panics_for_later();
    Server::bind("127.0.0.1:0").unwrap_or_else(|why| panic!("Server::bind(\"127.0.0.1:0\") failed: {why}"))
}

struct Client {
    stream: TcpStream,
    story: &'static str,
}

impl Client {
    fn writes(&mut self, bytes: &[u8]) {
        let story = self.story;
        self.stream.set_write_timeout(Some(patience())).unwrap();
        if let Err(why) = self.stream.write_all(bytes) {
            panic!(
                "{story}a client cannot send {} bytes to the running server: {why}{}",
                bytes.len(),
                kept_panics()
            );
        }
    }

    /// Sends this, and expects it back.
    fn says(&mut self, bytes: &[u8]) {
        self.writes(bytes);
        let story = self.story;
        let mut heard = vec![];
        while heard.len() < bytes.len() {
            match self.reads() {
                Ok(more) if !more.is_empty() => heard.extend(more),
                Ok(_) => panic!(
                    "{story}a client sent {}, and the connection was closed instead of an echo{}",
                    show(bytes),
                    kept_panics()
                ),
                Err(why) => panic!(
                    "{story}a client sent {}, and waited in vain for its echo: {why}{}",
                    show(bytes),
                    kept_panics()
                ),
            }
        }
        assert!(heard == bytes, "{story}a client sent {}, but {} came back", show(bytes), show(&heard));
    }

    fn reads(&mut self) -> Result<Vec<u8>, String> {
        let limit = patience();
        let mut left = limit;
        self.stream.set_read_timeout(Some(MOMENT)).unwrap();
        let mut bytes = vec![0; 65_536];
        loop {
            return match self.stream.read(&mut bytes) {
                Ok(n) => Ok(bytes[..n].to_vec()),
                Err(why) if why.kind() == ErrorKind::Interrupted => continue,
                Err(why) if matches!(why.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    // See `hears`.
                    left = left.saturating_sub(MOMENT);
                    if !left.is_zero() {
                        continue;
                    }
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

/// What is told, if it is told in time. A machine that is too busy to wake this thread after some milliseconds is too busy for
/// the others as well: what it takes longer does not count.
fn hears<T>(told: &Receiver<T>) -> Result<T, RecvTimeoutError> {
    let mut left = patience();
    loop {
        match told.recv_timeout(MOMENT) {
            Err(RecvTimeoutError::Timeout) if left > MOMENT => left -= MOMENT,
            heard => return heard,
        }
    }
}

const MOMENT: Duration = Duration::from_millis(10);

static HAS_FAILED: AtomicBool = AtomicBool::new(false);
thread_local!(static IS_TEST: Cell<bool> = const { Cell::new(false) });
static PANICS: Mutex<Vec<String>> = Mutex::new(vec![]);

/// A failure begins with the check's own sentence, and has no backtrace, which would speak of this file only: panics of other
/// threads are told behind it.
fn keep_panics_for_later() {
    static ONCE: Once = Once::new();
    IS_TEST.set(true);
    ONCE.call_once(|| {
        panic::set_hook(Box::new(|panic| match IS_TEST.get() {
            true => {
                HAS_FAILED.store(true, Relaxed);
                let place = panic.location().map(|place| format!("{}:{}: ", place.file(), place.line()));
                let words = panic.payload_as_str().unwrap_or("a panic without words");
                eprintln!("{}{words}", place.unwrap_or_default());
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
