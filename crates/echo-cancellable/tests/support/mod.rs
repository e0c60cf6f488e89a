//! A server as a process of its own, that can be told what only a process can be told.

#![allow(dead_code, reason = "each test file uses its part")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Signal, getrlimit, kill_process, setrlimit};

/// Whatever takes longer hangs. A thousand threads on two busy cores do not, though a minute is not enough for them.
pub(crate) const FOR_EVER: Duration = Duration::from_secs(600);

/// How much of the full size a test does: `ECHO_FULL=1` asks for all of it.
pub(crate) fn full_or(usual: usize, full: usize) -> usize {
    if std::env::var_os("ECHO_FULL").is_some() { full } else { usual }
}

pub(crate) struct Process {
    child: Child,
    lines: Receiver<String>,
    /// What it has said so far.
    pub(crate) said: Vec<String>,
    pub(crate) addr: SocketAddr,
}

impl Process {
    /// Starts `program`, and reads from its first line where it listens.
    pub(crate) fn start(program: &str, args: &[&str]) -> Self {
        Self::start_command(Command::new(program).args(args))
    }

    pub(crate) fn start_command(command: &mut Command) -> Self {
        descriptors_for_thousands();
        signals_as_usual();
        let mut child = command.args(["--addr", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
        let (to_test, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| to_test.send(line)));
        let addr = ([127, 0, 0, 1], 0).into();
        let mut process = Self { child, lines, said: Vec::new(), addr };
        let first = process.wait_for_line(": listening on ");
        let (_, addr) = first.split_once("listening on ").unwrap();
        process.addr = addr.split(',').next().unwrap().parse().unwrap();
        process
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// The next line that contains `part`.
    pub(crate) fn wait_for_line(&mut self, part: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(FOR_EVER).unwrap_or_else(|_| panic!("it never said {part:?}"));
            self.said.push(line.clone());
            if line.contains(part) {
                return line;
            }
        }
    }

    /// Its exit status, as a shell shows it: 128 and the signal's number for one that a signal killed.
    pub(crate) fn wait(&mut self) -> i32 {
        use std::os::unix::process::ExitStatusExt;
        let hangs = Instant::now() + FOR_EVER;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.said.extend(self.lines.iter());
                return status.code().unwrap_or_else(|| 128 + status.signal().unwrap());
            }
            assert!(Instant::now() < hangs, "the server does not end");
            thread::sleep(Duration::from_millis(1));
        }
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub(crate) fn last_line(&self) -> &str {
        self.said.last().unwrap()
    }

    /// A client that fails rather than hangs.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.addr).unwrap();
        stream.set_read_timeout(Some(FOR_EVER)).unwrap();
        stream.set_write_timeout(Some(FOR_EVER)).unwrap();
        stream
    }

    /// Processor time used so far by the threads it has now.
    #[cfg(target_os = "linux")]
    pub(crate) fn cpu_time(&self) -> Duration {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.id())).unwrap();
        let ns = threads.map(|thread| {
            let schedstat = std::fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap();
            schedstat.split(' ').next().unwrap().parse::<u64>().unwrap()
        });
        Duration::from_nanos(ns.sum())
    }

    /// Whether none of its threads runs, or waits for a processor to run on.
    #[cfg(target_os = "linux")]
    pub(crate) fn sleeps(&self) -> bool {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.id())).unwrap();
        threads.map(|thread| std::fs::read_to_string(thread.unwrap().path().join("stat")).unwrap()).all(
            // The state follows the name, which is in parentheses and may hold anything.
            |stat| stat.rsplit_once(") ").is_some_and(|(_, state)| state.starts_with('S')),
        )
    }

    /// Waits until, for each of `clients` that [never read](that_never_reads), the
    /// server's side holds more unread echoes than the client's side has room for. From
    /// then on, anything the server sends stays on its side, on every schedule. Only
    /// Linux says how much is waiting; elsewhere this returns `false` at once.
    #[must_use]
    pub(crate) fn waits_until_echoes_pile_up(&self, clients: usize) -> bool {
        let local = format!("0100007F:{:04X}", self.addr.port());
        let known = cfg!(target_os = "linux");
        if known {
            wait_until("the echoes for all clients have piled up", || {
                let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
                let rows = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
                let queues = rows.filter(|row| row[1] == local).map(|row| {
                    let waiting = row[4].split(':').next().unwrap();
                    u64::from_str_radix(waiting, 16).unwrap()
                });
                queues.filter(|&waiting| waiting > 4 * TAKES_IN as u64).count() == clients
            });
        }
        known
    }

    /// The figure of a line such as `VmRSS:   2120 kB` or `Threads: 3`.
    #[cfg(target_os = "linux")]
    pub(crate) fn status(&self, name: &str) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// All that comes until the end of the stream.
pub(crate) fn read_to_end(mut stream: &TcpStream) -> Vec<u8> {
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).unwrap();
    heard
}

/// The receive buffer of a client that never reads, at most: the system may double what
/// it is asked for.
const TAKES_IN: usize = 4 * 1024;

/// A client that keeps sending and never reads, until the server ends the connection. The
/// thread returns what could be read then.
///
/// Its receive buffer is tiny, so the echoes pile up on the server's side.
pub(crate) fn that_never_reads(addr: SocketAddr) -> JoinHandle<Vec<u8>> {
    use socket2::{Domain, Socket, Type};
    // Not one that a server inherits which another test starts meanwhile.
    let client = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    // Before it connects, or a larger window has been promised to the server.
    client.set_recv_buffer_size(TAKES_IN / 2).unwrap();
    client.connect(&addr.into()).unwrap();
    let mut client = TcpStream::from(client);
    thread::spawn(move || {
        while client.write_all(&[b'x'; 4096]).is_ok() {}
        let mut heard = Vec::new();
        // A reset may have destroyed it, which is an error here and no matter.
        let _ = client.read_to_end(&mut heard);
        heard
    })
}

/// Polls until `condition` holds.
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let hangs = Instant::now() + FOR_EVER;
    while !condition() {
        assert!(Instant::now() < hangs, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Lets Ctrl-C and Ctrl-\\ have their default effect on the processes that a test starts.
/// A shell script that runs the tests in the background has them ignore both signals, and
/// a process inherits what its parent ignores. It doesn't inherit a handler, so the test
/// installs one, which does what the default action does.
fn signals_as_usual() {
    use signal_hook::consts::{SIGINT, SIGQUIT};
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for signal in [SIGINT, SIGQUIT] {
            signal_hook::flag::register_conditional_default(signal, Arc::new(AtomicBool::new(true))).unwrap();
        }
    });
}

/// How many clients a test may have at once, of as many as it wants. Where the system hands
/// out few descriptors, tests with many clients take turns, and have fewer.
pub(crate) fn at_most(clients: usize) -> (usize, Option<MutexGuard<'static, ()>>) {
    static TURN: Mutex<()> = Mutex::new(());
    descriptors_for_thousands();
    match getrlimit(Resource::Nofile).current {
        Some(limit @ ..4096) => {
            let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
            // The other tests need some, too.
            (clients.min((limit as usize / 2).max(10)), Some(turn))
        }
        _ => (clients, None),
    }
}

/// A system that hands out a thousand descriptors or fewer usually has more for who asks.
fn descriptors_for_thousands() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum.map_or(Some(10_240), |maximum| Some(maximum.min(10_240)));
    setrlimit(Resource::Nofile, limit).unwrap();
}
