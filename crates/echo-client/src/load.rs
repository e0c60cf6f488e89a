//! A bounded load: so many connections, for so long, and every byte that comes back is compared.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Barrier, LazyLock};
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
    /// How long to go on.
    pub duration: Duration,
    /// Send without waiting for the echo, instead of one message, one echo, the next message.
    pub streaming: bool,
}

/// What the server did with it.
#[derive(Debug, Default)]
pub struct Report {
    /// Messages that came back whole.
    pub echoes: u64,
    /// Bytes that came back, each the one expected.
    pub bytes: u64,
    /// From the moment the last client was connected.
    pub elapsed: Duration,
    /// Of a whole message, there and back. Empty for a streaming load.
    pub latency: Latency,
    /// Clients that were told [`GOODBYE`] before the time was up.
    pub goodbyes: usize,
    /// What went wrong, one entry for each client that something went wrong for.
    pub failures: Vec<String>,
}

/// Connects everybody, starts them together, and adds up what they saw.
///
/// # Errors
/// A client could not connect, or there was no thread for it.
pub fn run(server: SocketAddr, load: Load) -> io::Result<Report> {
    // Everybody is connected before anybody is timed: a connection is not a request.
    let streams = (0..load.connections)
        .map(|_| TcpStream::connect(server).and_then(|stream| stream.set_nodelay(true).map(|()| stream)))
        .collect::<io::Result<Vec<_>>>()?;
    let start = Barrier::new(load.connections + 1);
    let over = AtomicBool::new(false);
    let (start, over) = (&start, &over);
    thread::scope(|scope| {
        let clients: Vec<_> = (0..)
            .zip(streams)
            .map(|(number, stream)| {
                thread::Builder::new().stack_size(128 * 1024).spawn_scoped(scope, move || {
                    start.wait();
                    let mut report = Report::default();
                    let mut echoes = Echoes::of(number);
                    let played = if load.streaming {
                        stream_until_over(&stream, &mut echoes, number, load.size, over)
                    } else {
                        ask_until_over(&stream, &mut echoes, number, load.size, over, &mut report.latency)
                    };
                    report.echoes = echoes.echoed / load.size as u64;
                    report.bytes = echoes.echoed;
                    report.goodbyes = usize::from(echoes.goodbye == GOODBYE);
                    report.failures.extend(played.err().map(|error| format!("client {number}: {error}")));
                    report
                })
            })
            // Without a thread for each of them the barrier would never open: a load that cannot be made is a bug here.
            .map(|client| client.expect("the system has a thread for each client"))
            .collect();
        start.wait();
        let began = Instant::now();
        thread::sleep(load.duration);
        over.store(true, Relaxed);
        let elapsed = began.elapsed();
        let mut total = Report { elapsed, ..Report::default() };
        for client in clients {
            total.add(client.join().unwrap());
        }
        Ok(total)
    })
}

fn ask_until_over(
    mut stream: &TcpStream,
    echoes: &mut Echoes,
    number: usize,
    size: usize,
    over: &AtomicBool,
    latency: &mut Latency,
) -> io::Result<()> {
    let mut messages = Pattern::of(number);
    let mut bytes = vec![0; size.min(LONGEST)];
    while !over.load(Relaxed) {
        let asked = Instant::now();
        // A server that has said goodbye resets what is sent after it; what it said is still there to be read.
        let unsent = messages.send(stream, size).err();
        let due = echoes.echoed + size as u64;
        while echoes.echoed < due {
            let n = stream.read(&mut bytes)?;
            if n == 0 {
                return echoes.end();
            }
            echoes.hear(&bytes[..n])?;
        }
        if let Some(error) = unsent {
            return Err(error);
        }
        latency.record(asked.elapsed());
    }
    Ok(())
}

fn stream_until_over(
    mut stream: &TcpStream,
    echoes: &mut Echoes,
    number: usize,
    size: usize,
    over: &AtomicBool,
) -> io::Result<()> {
    thread::scope(|scope| {
        let sender = scope.spawn(move || {
            let mut messages = Pattern::of(number);
            while !over.load(Relaxed) && messages.send(stream, size).is_ok() {}
            let _ = stream.shutdown(Shutdown::Write);
            messages.at - Pattern::of(number).at
        });
        let mut bytes = vec![0; LONGEST];
        let heard = loop {
            match stream.read(&mut bytes) {
                Ok(0) => break echoes.end_or_half_close(),
                Ok(n) => echoes.hear(&bytes[..n])?,
                Err(error) => break Err(error),
            }
        };
        let sent = sender.join().unwrap();
        match heard {
            Ok(()) if echoes.goodbye.is_empty() && echoes.echoed < sent => {
                Err(io::Error::other(format!("{} of {sent} bytes came back", echoes.echoed)))
            }
            heard => heard,
        }
    })
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

    fn end_or_half_close(&self) -> io::Result<()> {
        if self.goodbye.is_empty() { Ok(()) } else { self.end() }
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

    /// Whole messages a second.
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
