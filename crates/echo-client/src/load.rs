//! A bounded load: so many connections, for so long, and every byte that comes back is compared.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::sync::mpsc::{Sender, channel};
use std::sync::{LazyLock, RwLock};
use std::thread;
use std::time::{Duration, Instant};

/// What the cancellable server says to each client before it ends.
pub const GOODBYE: &[u8] = b"Shutting down!";

/// The longest slice that [`Pattern::take`] hands out.
pub const LONGEST: usize = 64 * 1024;

/// What is asked of the server.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Clients at the same time, each on a connection and a thread of its own.
    pub connections: usize,
    /// Bytes in one message.
    pub size: usize,
    /// How long the clock runs, once everybody is in the midst of it.
    pub duration: Duration,
    /// Send up to 64 KiB ahead of the echo, instead of one message, one echo, the next message.
    pub streaming: bool,
}

/// What the server did with it. Every byte is compared; counted is what comes back while the clock runs.
#[derive(Debug, Default)]
pub struct Report {
    /// Messages.
    pub echoes: u64,
    /// Bytes.
    pub bytes: u64,
    /// How long the clock ran.
    pub elapsed: Duration,
    /// Of a whole message, there and back. Empty for a streaming load.
    pub latency: Latency,
    /// Clients that were told [`GOODBYE`], before or after the clock began.
    pub goodbyes: usize,
    /// What went wrong, one entry for each client that something went wrong for.
    pub failures: Vec<String>,
}

/// Connects everybody, and adds up what they heard. `on_start` runs once each client is in the midst of it: it has had an
/// echo after the moment when all may begin. When it returns, the clock starts: how long it took to connect, to get going
/// and to run `on_start` is in no figure.
///
/// It ends when the time is over, or when every client has been told goodbye.
///
/// # Errors
/// A client could not connect.
///
/// # Panics
/// If the system has no thread for a client.
pub fn run(server: SocketAddr, load: Load, on_start: impl FnOnce()) -> io::Result<Report> {
    run_watched(server, load, |_, _| (), on_start)
}

/// The same, and tells `on_progress` what the start has come to, which with thousands of clients takes many seconds: what
/// was done, and for how many of them.
///
/// # Errors
/// As for [`run`].
///
/// # Panics
/// As for [`run`].
pub fn run_watched(
    server: SocketAddr,
    load: Load,
    mut on_progress: impl FnMut(&str, usize),
    on_start: impl FnOnce(),
) -> io::Result<Report> {
    let streams = (1..=load.connections)
        .map(|number| {
            let stream = TcpStream::connect(server)?;
            stream.set_nodelay(true)?;
            on_progress("connected", number);
            Ok(stream)
        })
        .collect::<io::Result<Vec<_>>>()?;
    let (gate, clock) = (RwLock::new(()), AtomicU8::new(NOT_YET));
    let (gate, clock) = (&gate, &clock);
    let closed = gate.write().unwrap();
    let (to_us, news) = channel();
    thread::scope(|scope| {
        let play = |number, stream, to_us| move || Client::new(number, stream, load, clock, to_us).play(gate);
        let clients: Vec<_> = (0..)
            .zip(streams)
            .map(|(number, stream)| {
                let builder = thread::Builder::new().stack_size(128 * 1024);
                // Without a thread for each of them we would wait for its news for ever.
                builder
                    .spawn_scoped(scope, play(number, stream, to_us.clone()))
                    .expect("a thread for each client")
            })
            .collect();
        drop(to_us);
        let mut hear_from_all = |what| {
            (1..=load.connections).zip(&news).for_each(|(number, ())| on_progress(what, number));
        };
        hear_from_all("first echo for");
        // Not a barrier: there, everybody passes in turn, and those who have passed leave no processor to those who have not.
        drop(closed);
        hear_from_all("second echo for");
        on_start();
        let began = Instant::now();
        clock.store(RUNS, Relaxed);
        // Nobody has more to tell: this ends when the time is over, or the last client drops its end.
        let _ = news.recv_timeout(load.duration);
        clock.store(OVER, Relaxed);
        let mut total = Report { elapsed: began.elapsed(), ..Report::default() };
        for client in clients {
            total.add(client.join().unwrap());
        }
        Ok(total)
    })
}

/// What the clock says.
const NOT_YET: u8 = 0;
const RUNS: u8 = 1;
const OVER: u8 = 2;

struct Client<'a> {
    number: usize,
    stream: TcpStream,
    load: Load,
    clock: &'a AtomicU8,
    to_us: Sender<()>,
    /// Whether it has not told yet that it is in the midst of it.
    untold: bool,
    echoes: Echoes,
    /// Bytes that came back while the clock ran.
    counted: u64,
    latency: Latency,
}

impl<'a> Client<'a> {
    fn new(number: usize, stream: TcpStream, load: Load, clock: &'a AtomicU8, to_us: Sender<()>) -> Self {
        let (echoes, latency) = (Echoes::of(number), Latency::default());
        Self { number, stream, load, clock, to_us, untold: true, echoes, counted: 0, latency }
    }

    fn says(&self, clock: u8) -> bool {
        self.clock.load(Relaxed) == clock
    }

    fn play(mut self, gate: &RwLock<()>) -> Report {
        let mut messages = Pattern::of(self.number);
        let first = self.ask(&mut messages);
        let _ = self.to_us.send(());
        drop(gate.read());
        let played = first.and_then(|goes_on| match self.load.streaming {
            true if goes_on => self.stream(messages),
            _ => {
                while goes_on && !self.says(OVER) && self.ask(&mut messages)? {
                    self.tell();
                }
                Ok(())
            }
        });
        // However it ended: somebody waits for it.
        self.tell();
        Report {
            echoes: self.counted / self.load.size as u64,
            bytes: self.counted,
            elapsed: Duration::ZERO,
            latency: self.latency,
            goodbyes: usize::from(self.echoes.goodbye == GOODBYE),
            failures: played
                .err()
                .map(|error| format!("client {}: {error}", self.number))
                .into_iter()
                .collect(),
        }
    }

    fn tell(&mut self) {
        if std::mem::take(&mut self.untold) {
            let _ = self.to_us.send(());
        }
    }

    /// One message, one echo; `false` if there was a goodbye instead.
    fn ask(&mut self, messages: &mut Pattern) -> io::Result<bool> {
        let mut bytes = [0; 4096];
        let asked = Instant::now();
        let due = self.echoes.echoed + self.load.size as u64;
        // A message that is longer than what fits between the two would wait for its own echo to be read.
        let mut unsent = self.load.size;
        while self.echoes.echoed < due {
            if unsent > 0 {
                let part = unsent.min(LONGEST);
                // A server that has said goodbye may reset what is sent after it; what it said is there to be read.
                let _ = self.stream.write_all(messages.take(part));
                unsent -= part;
            }
            while self.echoes.echoed < due - unsent as u64 {
                if self.hear(&mut bytes)? == 0 {
                    return self.echoes.end().map(|()| false);
                }
            }
        }
        if self.says(RUNS) {
            self.latency.record(asked.elapsed());
        }
        Ok(true)
    }

    /// Reads what is there, compares and counts it: its length, or 0 at the end of the stream.
    fn hear(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let n = self.stream.read(bytes)?;
        let before = self.echoes.echoed;
        self.echoes.hear(&bytes[..n])?;
        if self.says(RUNS) {
            self.counted += self.echoes.echoed - before;
        }
        Ok(n)
    }

    /// Keeps up to [`LONGEST`] bytes on the way: what the system holds for both sides, so that nobody waits for ever.
    fn stream(&mut self, mut messages: Pattern) -> io::Result<()> {
        let mut bytes = vec![0; LONGEST];
        let message = self.load.size.min(LONGEST);
        let mut on_the_way = 0;
        loop {
            // As many whole messages as there is room for, in one piece.
            let room = (LONGEST - on_the_way) / message * message;
            if room > 0 && !self.says(OVER) {
                // As above: a failure to send is no news to one who reads.
                let _ = self.stream.write_all(messages.take(room));
                on_the_way += room;
            }
            if on_the_way == 0 {
                return Ok(());
            }
            let before = self.echoes.echoed;
            if self.hear(&mut bytes)? == 0 {
                return self.echoes.end();
            }
            on_the_way -= (self.echoes.echoed - before) as usize;
            self.tell();
        }
    }
}

/// The bytes that one client sends, always the same: none of them is ASCII, so that none can pass for a goodbye.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    at: u64,
}

const PERIOD: usize = 8191;

static TILE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut x: u32 = 2_463_534_242;
    let period: Vec<u8> = (0..PERIOD)
        .map(|_| {
            // Marsaglia's xorshift: no two neighbourhoods are alike, so a lost or doubled byte is noticed.
            x ^= x << 13;
            x ^= x >> 17;
            x ^= x << 5;
            0x80 | (x >> 16) as u8
        })
        .collect();
    period.iter().copied().cycle().take(PERIOD + LONGEST).collect()
});

impl Pattern {
    /// The bytes of client `number`, from the first.
    pub fn of(number: usize) -> Self {
        Self { at: number as u64 * 37 }
    }

    /// The next `n` bytes.
    ///
    /// # Panics
    /// If `n` is greater than [`LONGEST`].
    pub fn take(&mut self, n: usize) -> &'static [u8] {
        let from = (self.at % PERIOD as u64) as usize;
        self.at += n as u64;
        &TILE[from..from + n]
    }

    /// Writes the next `size` bytes, as many as they may be.
    ///
    /// # Errors
    /// What the stream says.
    pub fn send(&mut self, mut stream: impl Write, mut size: usize) -> io::Result<()> {
        while size > 0 {
            let part = size.min(LONGEST);
            stream.write_all(self.take(part))?;
            size -= part;
        }
        Ok(())
    }
}

/// What one client hears: an unbroken run of its own bytes, and after them, perhaps, one goodbye.
#[derive(Debug)]
pub struct Echoes {
    expected: Pattern,
    /// How many bytes came back, each the one expected.
    pub echoed: u64,
    /// What came after them.
    pub goodbye: Vec<u8>,
}

impl Echoes {
    /// Nothing heard yet by client `number`.
    pub fn of(number: usize) -> Self {
        Self { expected: Pattern::of(number), echoed: 0, goodbye: Vec::new() }
    }

    /// Takes what was read, in pieces of any size up to [`LONGEST`].
    ///
    /// # Errors
    /// A byte is not the one expected, or something follows the goodbye.
    pub fn hear(&mut self, bytes: &[u8]) -> io::Result<()> {
        let (echo, rest) = bytes.split_at(bytes.iter().position(u8::is_ascii).unwrap_or(bytes.len()));
        if !echo.is_empty() && !self.goodbye.is_empty() {
            return Err(io::Error::other("an echo after the goodbye"));
        }
        if self.expected.take(echo.len()) != echo {
            return Err(io::Error::other(format!("wrong bytes after the first {}", self.echoed)));
        }
        self.echoed += echo.len() as u64;
        self.goodbye.extend_from_slice(rest);
        if GOODBYE.starts_with(&self.goodbye) {
            Ok(())
        } else {
            Err(io::Error::other(format!("neither echo nor goodbye: {}", rest.escape_ascii())))
        }
    }

    /// Takes the end of the stream.
    ///
    /// # Errors
    /// The goodbye is missing, or not whole.
    pub fn end(&self) -> io::Result<()> {
        if self.goodbye == GOODBYE {
            Ok(())
        } else {
            Err(io::Error::other(format!("closed without a goodbye, after {} bytes", self.echoed)))
        }
    }
}

impl Report {
    fn add(&mut self, other: Self) {
        self.echoes += other.echoes;
        self.bytes += other.bytes;
        self.goodbyes += other.goodbyes;
        self.failures.extend(other.failures);
        for (mine, theirs) in self.latency.counts.iter_mut().zip(other.latency.counts.iter()) {
            *mine += theirs;
        }
    }

    /// Messages a second.
    pub fn rate(&self) -> f64 {
        self.echoes as f64 / self.elapsed.as_secs_f64()
    }

    /// Bytes that came back, in MiB a second.
    pub fn throughput(&self) -> f64 {
        self.bytes as f64 / (1024.0 * 1024.0) / self.elapsed.as_secs_f64()
    }
}

const BUCKETS: usize = 32 * 16;

/// How often each latency was seen: sixteen buckets to each power of two, so that a figure is right to 6 %.
#[derive(Debug)]
pub struct Latency {
    counts: Box<[u64; BUCKETS]>,
}

impl Default for Latency {
    fn default() -> Self {
        Self { counts: Box::new([0; BUCKETS]) }
    }
}

impl Latency {
    /// Counts one.
    pub fn record(&mut self, took: Duration) {
        let ns = took.as_nanos().max(16) as u64;
        let power = ns.ilog2();
        let sixteenth = (ns >> (power - 4)) as usize - 16;
        self.counts[((power as usize - 4) * 16 + sixteenth).min(BUCKETS - 1)] += 1;
    }

    /// The latency that `share` of all messages did not exceed: 0.5 is the median, 1.0 the slowest. `None` if there are none.
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let total: u64 = self.counts.iter().sum();
        let rank = ((total as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        let bucket = self.counts.iter().position(|count| {
            seen += count;
            seen >= rank
        })?;
        // The bucket's upper edge: what is reported was not exceeded.
        Some(Duration::from_nanos(((17 + bucket as u64 % 16) << (bucket / 16)) - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_byte_a_doubled_byte_and_a_second_goodbye_are_noticed() {
        let sent = Pattern::of(3).take(5000);
        let hear = |pieces: &[&[u8]]| {
            let mut echoes = Echoes::of(3);
            pieces.iter().try_for_each(|piece| echoes.hear(piece)).and_then(|()| echoes.end())
        };
        assert!(hear(&[&sent[..70], &sent[70..], GOODBYE]).is_ok());
        assert!(hear(&[&sent[..70], b"Shutting ", b"down!"]).is_ok());
        assert!(hear(&[&sent[..70], &sent[71..], GOODBYE]).is_err());
        assert!(hear(&[&sent[..70], &sent[69..], GOODBYE]).is_err());
        assert!(hear(&[sent]).is_err());
        assert!(hear(&[sent, GOODBYE, GOODBYE]).is_err());
        assert!(hear(&[&sent[..70], GOODBYE, &sent[70..]]).is_err());
    }

    #[test]
    fn a_quantile_is_right_to_six_percent() {
        let mut latency = Latency::default();
        assert_eq!(latency.quantile(0.5), None);
        (1..=1000).for_each(|us| latency.record(Duration::from_micros(us)));
        for share in [0.01, 0.5, 0.9, 0.99, 1.0] {
            let exact = 1_000_000.0 * share;
            let told = latency.quantile(share).unwrap().as_nanos() as f64;
            assert!((exact..exact * 1.07).contains(&told), "{share}: {told} for {exact}");
        }
    }
}
