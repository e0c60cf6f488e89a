//! What the cancellable server costs, against servers that can do nothing but echo.
//!
//! `cargo bench -p echo-bench` prints five tables, in some twenty minutes. `ECHO_MINUTES=2` is for a first look,
//! `ECHO_TABLES=streaming` for one of them.
//!
//! A machine that does other things too is faster in one moment than in the next. So the servers take short turns, in
//! blocks that read the same from both ends (A B C D D C B A), and only what was measured in one block is compared: a share
//! is the median of the blocks' ratios. After it comes the interval that holds the true median 95 times in 100. `bare again`
//! is a second process of `bare`: how far its share is from 1 is the machine's doing, and it may do as much to any other.
//!
//! Of two processes of one program, one may be half as fast again for as long as they live: it depends on where the system
//! has put their threads. So each block has processes of its own.
//!
//! Nothing is pinned to a core. Every server sets TCP_NODELAY, and has room for 1024 clients at its door. C and Python take
//! part if `cc` and `python3` are found. Only Linux tells memory and processor time.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use echo_client::load::{self, Load};

/// How many shares the time is cut into: 13 rows with up to a hundred clients, 2 with a thousand, 5 with idle ones.
const SHARES: f64 = 13.0 + 2.0 * A_THOUSAND + 5.0 * IDLE;
/// A thousand clients take a second to connect and to leave, and the system treats them differently each time.
const A_THOUSAND: f64 = 10.0;
const IDLE: f64 = 0.5;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("serve-bare") => serve_bare(),
        Some("serve-tokio") => serve_tokio(),
        _ => compare(),
    }
}

fn compare() {
    let descriptors = descriptors();
    println!("shares of what `bare` does: median of the blocks' ratios (95 % interval)");
    // For whoever wants one table only.
    let wanted = std::env::var("ECHO_TABLES").unwrap_or("requests streaming costs memory many".into());
    let tables: [(_, &dyn Fn()); _] = [
        ("requests", &requests),
        ("streaming", &streaming),
        ("costs", &costs),
        ("memory", &memory),
        ("many", &|| many(descriptors)),
    ];
    tables.iter().filter(|(name, _)| wanted.contains(name)).for_each(|(_, table)| table());
}

/// How long to measure for a row that is worth so many shares of the time.
fn time(shares: f64) -> Duration {
    let minutes: f64 = std::env::var("ECHO_MINUTES").map_or(20.0, |minutes| minutes.parse().unwrap());
    Duration::from_secs_f64(minutes * 60.0 * shares / SHARES)
}

fn requests() {
    println!("\nechoes a second");
    let programs = Programs::find();
    programs.heading();
    for size in [64, 2048] {
        for connections in [1, 16, 100, 1000] {
            let load = Load { connections, size, duration: turn(connections), streaming: false };
            let shares = if connections == 1000 { A_THOUSAND } else { 1.0 };
            let blocks = programs.measure(time(shares), |server| run(server, load, || {}).rate());
            programs.row(&format!("{connections} x {size}"), &blocks);
        }
    }
}

fn streaming() {
    println!("\nMiB a second there and back, sent up to 64 KiB ahead of the echo");
    let programs = Programs::find();
    programs.heading();
    for connections in [1, 16, 100] {
        let load = Load { connections, size: 65_536, duration: turn(connections), streaming: true };
        let blocks = programs.measure(time(1.0), |server| run(server, load, || {}).throughput());
        programs.row(&format!("{connections} x 65536"), &blocks);
    }
}

/// How long a turn is: so that each client has several of its own, and no longer.
fn turn(connections: usize) -> Duration {
    Duration::from_millis(match connections {
        ..10 => 10,
        10..50 => 20,
        50..500 => 50,
        500.. => 300,
    })
}

fn run(server: &Server, load: Load, on_start: impl FnOnce()) -> load::Report {
    let report = load::run(server.addr, load, on_start).unwrap();
    assert!(report.failures.is_empty(), "{}: {:?}", server.name, report.failures);
    report
}

/// The rate is what everything else on the machine leaves to a server; the processor time is what the server itself takes.
fn costs() {
    println!("\nprocessor time of the server for one echo, in us");
    let programs = Programs::find();
    if programs.every[0].start().processor_time().is_none() {
        return;
    }
    programs.heading();
    for (connections, size, streaming) in
        [(1, 64, false), (16, 64, false), (100, 64, false), (16, 65_536, true)]
    {
        // Five times as long as for a rate: the end of the connections is in the figure, and has to be next to nothing.
        let load = Load { connections, size, duration: turn(connections) * 5, streaming };
        let blocks = programs.measure(time(1.0), |server| {
            let mut before = Duration::ZERO;
            let report = run(server, load, || before = server.processor_time().unwrap());
            (server.processor_time().unwrap() - before).as_secs_f64() * 1e6 / report.echoes as f64
        });
        programs.row(&format!("{connections} x {size}"), &blocks);
    }
}

fn memory() {
    println!("\nresident memory, in kB");
    println!("{:<18}{:>14}{:>14}{:>14}", "", "no client", "1000 idle", "a client");
    let Programs { every, others } = Programs::find();
    for server in every.iter().chain(&others).map(Program::start) {
        let Some(before) = server.resident() else { return };
        let idle = clients(&server, 1000);
        let after = server.resident().unwrap();
        println!("{:<18}{before:>14.0}{after:>14.0}{:>14.1}", server.name, (after - before) / 1000.0);
        drop(idle);
    }
}

fn many(descriptors: u64) {
    println!("\na thread or a task for each: 16 clients ask, the others are idle");
    println!(
        "{:<18}{:>14}{:>14}{:>18}   the tasks' share",
        "idle clients", "threads, kB", "tasks, kB", "threads, echoes/s"
    );
    // Both servers' clients are ours.
    for idle in [10, 100, 1000, 3000, 9000].into_iter().filter(|idle| 2 * idle + 100 < descriptors as usize) {
        let load = Load { connections: 16, size: 64, duration: turn(16), streaming: false };
        // Started once, not for each block: so many clients take long to connect.
        let programs = [cancellable(), Program::itself("tokio", "serve-tokio")];
        let mut servers: Vec<_> = programs.iter().map(Program::start).enumerate().collect();
        let kept: Vec<_> = servers.iter().map(|(_, server)| clients(server, idle)).collect();
        let memory: Vec<_> = servers.iter().map(|(_, server)| server.resident().unwrap_or(0.0)).collect();
        let blocks = blocks(time(IDLE), |_| {
            servers.rotate_left(1);
            there_and_back(&servers, programs.len(), |server| run(server, load, || {}).rate())
        });
        let (rate, share) = (figure(&blocks), share(&blocks, 1));
        println!("{idle:<18}{:>14.0}{:>14.0}{rate:>18.0}   {share}", memory[0], memory[1]);
        drop(kept);
    }
}

/// Clients that have been served once, and are silent.
fn clients(server: &Server, number: usize) -> Vec<TcpStream> {
    let clients: Vec<_> = (0..number).map(|_| TcpStream::connect(server.addr).unwrap()).collect();
    for mut client in &clients {
        client.write_all(&[b'x'; 2048]).unwrap();
        client.read_exact(&mut [0; 2048]).unwrap();
    }
    clients
}

/// Who takes turns.
struct Programs {
    /// In every block. All are compared with the first.
    every: Vec<Program>,
    /// One in each block.
    others: Vec<Program>,
}

/// What each server did in one block, if it took part.
type Block = Vec<Option<f64>>;

/// One block after another until the `time` is over, but not fewer than ten.
fn blocks(time: Duration, mut block: impl FnMut(usize) -> Block) -> Vec<Block> {
    let until = Instant::now() + time;
    let mut blocks = Vec::new();
    while blocks.len() < 10 || Instant::now() < until {
        blocks.push(block(blocks.len()));
    }
    blocks
}

/// A turn for each server, and another in the opposite order; each has its place among `places`.
fn there_and_back(servers: &[(usize, Server)], places: usize, turn: impl Fn(&Server) -> f64) -> Block {
    let mut block = vec![None; places];
    for (place, server) in servers.iter().chain(servers.iter().rev()) {
        *block[*place].get_or_insert(0.0) += turn(server) / 2.0;
    }
    block
}

impl Programs {
    fn find() -> Self {
        let bare = |name| Program::itself(name, "serve-bare");
        let every = vec![bare("bare"), cancellable(), bare("bare again")];
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut others = vec![Program::itself("tokio", "serve-tokio")];
        let c = Path::new(env!("CARGO_TARGET_TMPDIR")).join("echo-c");
        let built =
            Command::new("cc").args(["-O2", "-pthread", "-o"]).args([&c, &here.join("echo.c")]).status();
        if built.is_ok_and(|status| status.success()) {
            others.push(Program::new("C", c, &[]));
        }
        if Command::new("python3").arg("--version").stdout(Stdio::null()).status().is_ok() {
            others.push(Program::new("Python", "python3", &[here.join("echo.py").to_str().unwrap()]));
        }
        Self { every, others }
    }

    fn measure(&self, time: Duration, turn: impl Fn(&Server) -> f64) -> Vec<Block> {
        let programs: Vec<_> = self.every.iter().chain(&self.others).collect();
        blocks(time, |number| {
            let other = self.every.len() + number % self.others.len();
            let mut part: Vec<_> = (0..self.every.len()).chain([other]).collect();
            // Nobody is always the first to be started, nor always next to the same one, whose threads may still be about to end.
            let first = number / 2 % part.len();
            part.rotate_left(first);
            if number % 2 == 1 {
                part.reverse();
            }
            let servers: Vec<_> = part.iter().map(|&place| (place, programs[place].start())).collect();
            there_and_back(&servers, programs.len(), &turn)
        })
    }

    fn heading(&self) {
        let names = self.every.iter().chain(&self.others).skip(1).map(|server| server.name);
        let names: String = names.map(|name| format!("  {name:<16}")).collect();
        println!("{:<16}{:>7}{:>9}{names}", "clients x bytes", "blocks", "bare");
    }

    fn row(&self, name: &str, blocks: &[Block]) {
        let others = 1..self.every.len() + self.others.len();
        let shares: String = others.map(|i| format!("  {:<16}", share(blocks, i))).collect();
        let digits = if figure(blocks) < 100.0 { 2 } else { 0 };
        println!("{name:<16}{:>7}{:>9.digits$}{shares}", blocks.len(), figure(blocks));
    }
}

/// What the first server did in the median block.
fn figure(blocks: &[Block]) -> f64 {
    median(blocks.iter().filter_map(|block| block[0]).collect()).0
}

/// Server `i`'s share of that, and the interval if there are blocks enough for one.
fn share(blocks: &[Block], i: usize) -> String {
    let shares: Vec<_> = blocks.iter().filter_map(|block| Some(block[i]? / block[0]?)).collect();
    let enough = shares.len() >= 6;
    match median(shares) {
        (share, (from, to)) if enough => format!("{share:.2} ({from:.2}-{to:.2})"),
        (share, _) => format!("{share:.2}"),
    }
}

/// The median, and the interval between two of the figures that holds the true one with a probability of 95 %, however
/// the figures are distributed: how many of them lie below it is a matter of tossing a coin.
fn median(mut figures: Vec<f64>) -> (f64, (f64, f64)) {
    figures.sort_by(f64::total_cmp);
    let n = figures.len() as f64;
    let below = ((n - 1.96 * n.sqrt()) / 2.0).max(0.0) as usize;
    (figures[figures.len() / 2], (figures[below], figures[figures.len() - 1 - below]))
}

struct Program {
    name: &'static str,
    path: PathBuf,
    args: Vec<String>,
}

fn cancellable() -> Program {
    let build = ["build", "--quiet", "--release", "-p", "echo-cancellable"];
    assert!(Command::new(env!("CARGO")).args(build).status().unwrap().success());
    let release = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().to_path_buf();
    let path = release.join("echo-cancellable").with_extension(std::env::consts::EXE_EXTENSION);
    Program::new("cancellable", path, &["--addr", "127.0.0.1:0"])
}

impl Program {
    fn new(name: &'static str, path: impl Into<PathBuf>, args: &[&str]) -> Self {
        Self { name, path: path.into(), args: args.iter().map(ToString::to_string).collect() }
    }

    fn itself(name: &'static str, how: &str) -> Self {
        Self::new(name, std::env::current_exe().unwrap(), &[how])
    }

    fn start(&self) -> Server {
        let mut child = Command::new(&self.path).args(&self.args).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let addr = first.split_once("listening on ").unwrap().1.split(',').next().unwrap().parse().unwrap();
        thread::spawn(move || lines.for_each(drop));
        Server { name: self.name, addr, child }
    }
}

struct Server {
    name: &'static str,
    addr: SocketAddr,
    child: Child,
}

impl Server {
    /// Of all its threads, also those that have ended.
    fn processor_time(&self) -> Option<Duration> {
        #[cfg(target_os = "linux")]
        {
            let process = nix::unistd::Pid::from_raw(self.child.id().try_into().ok()?);
            Some(nix::time::clock_getcpuclockid(process).ok()?.now().ok()?.into())
        }
        #[cfg(not(target_os = "linux"))]
        None
    }

    /// In kB.
    fn resident(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How many descriptors there are, after asking for as many as there may be.
#[cfg(unix)]
fn descriptors() -> u64 {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = Some(limit.maximum.map_or(65_536, |maximum| maximum.min(65_536)));
    // Some systems allow less than they say.
    let _ = setrlimit(Resource::Nofile, limit);
    getrlimit(Resource::Nofile).current.unwrap_or(65_536)
}

#[cfg(not(unix))]
fn descriptors() -> u64 {
    65_536
}

fn listen() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    // The standard library asks for 128, and whoever finds no room waits for a second.
    rustix::net::listen(&listener, 1024).unwrap();
    println!("listening on {}", listener.local_addr().unwrap());
    listener
}

fn serve_bare() {
    for stream in listen().incoming() {
        let mut stream = stream.unwrap();
        stream.set_nodelay(true).unwrap();
        thread::spawn(move || {
            let mut bytes = [0; 2048];
            while let Ok(n @ 1..) = stream.read(&mut bytes) {
                if stream.write_all(&bytes[..n]).is_err() {
                    break;
                }
            }
        });
    }
}

fn serve_tokio() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = listen();
    listener.set_nonblocking(true).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_io().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            tokio::spawn(async move {
                let mut bytes = [0; 2048];
                while let Ok(n @ 1..) = stream.read(&mut bytes).await {
                    if stream.write_all(&bytes[..n]).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
}
