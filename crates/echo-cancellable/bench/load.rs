//! What the cancellable server costs, against servers that can do nothing but echo.
//!
//! `cargo bench -p echo-bench` prints four tables, in some ten minutes. In each of many short rounds every server has its
//! turn, forwards in one round and backwards in the next, so `cancellable` and `bare` always follow each other at once; a share is
//! the median of the ratios within rounds, so what a busy machine does to both cancels. After it comes the interval that holds the
//! true median 95 times in 100. `ECHO_ROUNDS` and `ECHO_SECONDS` (for one turn) change the length, `ECHO_SERVERS=cancellable`
//! leaves all others out but `bare`. Where `taskset` exists, clients have one core and the server another, or the scheduler's
//! choices are measured.
//! Every server sets TCP_NODELAY. C and Python take part if `cc` and `python3` are found. Memory is read from `/proc`, so on Linux only.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use echo_client::load::{self, Load};

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("serve-bare") => serve_bare(),
        Some("serve-tokio") => serve_tokio(),
        _ if taskset() && std::env::var_os("ECHO_PINNED").is_none() => {
            let this = std::env::current_exe().unwrap();
            let mut pinned = Command::new("taskset");
            pinned.args(["-c", "0"]).arg(this).env("ECHO_PINNED", "1").status().unwrap();
        }
        _ => compare(),
    }
}

fn compare() {
    let descriptors = descriptors();
    let servers = Server::all();
    let cores = if taskset() { "one core for the clients, one for the server" } else { "no core reserved" };
    println!(
        "{} rounds, {:?} for each server in turn; with 1000 clients a quarter of the rounds,",
        rounds(),
        turn()
    );
    println!("five times as long; {cores}\n");
    // `ECHO_TABLES=streaming` is for whoever wants one table only.
    let tables = std::env::var("ECHO_TABLES").unwrap_or("requests streaming memory many".into());
    if tables.contains("requests") {
        requests(&servers);
    }
    if tables.contains("streaming") {
        streaming(&servers);
    }
    // A server that has had a thousand clients keeps some of their memory: these start afresh.
    drop(servers);
    if tables.contains("memory") {
        memory();
    }
    if tables.contains("many") {
        many(descriptors);
    }
}

fn rounds() -> usize {
    std::env::var("ECHO_ROUNDS").map_or(100, |rounds| rounds.parse().unwrap())
}

fn turn() -> Duration {
    Duration::from_secs_f64(std::env::var("ECHO_SECONDS").map_or(0.03, |seconds| seconds.parse().unwrap()))
}

/// One row: what `bare` did, and each other server's share of it.
fn row(servers: &[Server], rounds: usize, mut measure: impl FnMut(&Server) -> f64) -> String {
    let table: Vec<Vec<f64>> = (0..rounds)
        .map(|round| {
            let mut figures = vec![0.0; servers.len()];
            let mut turns: Vec<_> = (0..servers.len()).collect();
            if round % 2 == 1 {
                turns.reverse();
            }
            turns.into_iter().for_each(|turn| figures[turn] = measure(&servers[turn]));
            figures
        })
        .collect();
    let bare = servers.iter().position(|server| server.name == "bare").unwrap();
    let (figure, _) = median(table.iter().map(|round| round[bare]).collect());
    let shares = (0..servers.len()).filter(|i| *i != bare).map(|i| {
        let (share, (from, to)) = median(table.iter().map(|round| round[i] / round[bare]).collect());
        format!("  {share:.2} ({from:.2}-{to:.2})")
    });
    format!("{figure:>8.0}{}", shares.collect::<String>())
}

/// The median, and the interval between two of the figures that holds the true one with a probability of 95 %, however
/// the figures are distributed: how many of them lie below it is a matter of tossing a coin.
fn median(mut figures: Vec<f64>) -> (f64, (f64, f64)) {
    figures.sort_by(f64::total_cmp);
    let n = figures.len() as f64;
    let below = ((n - 1.96 * n.sqrt()) / 2.0).max(0.0) as usize;
    (figures[figures.len() / 2], (figures[below], figures[figures.len() - 1 - below]))
}

fn heading(first: &str, servers: &[Server]) {
    let others = servers.iter().filter(|server| server.name != "bare");
    let names: String = others.map(|server| format!("  {:<16}", server.name)).collect();
    println!("{first:<16}{:>8}{names}", "bare");
}

fn requests(servers: &[Server]) {
    println!("echoes a second of `bare`, and the others' shares of that: median (95 % interval)");
    heading("clients x bytes", servers);
    for size in [64, 2048] {
        for connections in [1, 16, 100, 1000] {
            // The more threads, the longer until each has had its turn.
            let (duration, rounds) =
                if connections < 1000 { (turn(), rounds()) } else { (turn() * 5, rounds().div_ceil(4)) };
            let load = Load { connections, size, duration, streaming: false };
            let figures = row(servers, rounds, |server| run(server, load).rate());
            println!("{:<16}{figures}", format!("{connections} x {size}"));
        }
    }
}

fn streaming(servers: &[Server]) {
    println!(
        "\nMiB a second there and back of `bare`, sent up to 64 KiB ahead, and the others' shares of that"
    );
    heading("clients x bytes", servers);
    for connections in [1, 16, 100] {
        let load = Load { connections, size: 65_536, duration: turn(), streaming: true };
        let figures = row(servers, rounds(), |server| run(server, load).throughput());
        println!("{:<16}{figures}", format!("{connections} x 65536"));
    }
}

fn run(server: &Server, load: Load) -> load::Report {
    let report = load::run(server.addr, load, || {}).unwrap();
    assert!(report.failures.is_empty(), "{}: {:?}", server.name, report.failures);
    report
}

fn memory() {
    println!("\nresident memory, in kB");
    println!("{:<18}{:>14}{:>14}{:>14}", "", "no client", "1000 idle", "a client");
    for server in Server::all() {
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
        "{:<18}{:>14}{:>14}{:>14}{:>14}",
        "idle clients", "threads, kB", "tasks, kB", "echoes/s", "echoes/s"
    );
    // Both servers' clients are ours.
    for idle in [10, 100, 1000, 3000, 9000].into_iter().filter(|idle| 2 * idle + 100 < descriptors as usize) {
        let load = Load { connections: 16, size: 64, duration: turn() * 5, streaming: false };
        let servers = [Server::cancellable(), Server::itself("tokio", "serve-tokio")];
        let kept: Vec<_> = servers.iter().map(|server| clients(server, idle)).collect();
        let memory: Vec<_> = servers.iter().map(|server| server.resident().unwrap_or(0.0)).collect();
        let rates: Vec<Vec<f64>> = (0..rounds().div_ceil(4))
            .map(|_| servers.iter().map(|server| run(server, load).rate()).collect())
            .collect();
        let rate = |i: usize| median(rates.iter().map(|round| round[i]).collect()).0;
        println!("{idle:<18}{:>14.0}{:>14.0}{:>14.0}{:>14.0}", memory[0], memory[1], rate(0), rate(1));
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

struct Server {
    name: &'static str,
    addr: SocketAddr,
    child: Child,
}

impl Server {
    fn all() -> Vec<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut servers = vec![Self::cancellable(), Self::itself("bare", "serve-bare")];
        let c = Path::new(env!("CARGO_TARGET_TMPDIR")).join("echo-c");
        let built =
            Command::new("cc").args(["-O2", "-pthread", "-o"]).args([&c, &here.join("echo.c")]).status();
        if built.is_ok_and(|status| status.success()) {
            servers.push(Self::start("C", c.to_str().unwrap(), &[]));
        }
        servers.push(Self::itself("tokio", "serve-tokio"));
        if Command::new("python3").arg("--version").stdout(Stdio::null()).status().is_ok() {
            servers.push(Self::start("Python", "python3", &[here.join("echo.py").to_str().unwrap()]));
        }
        if let Ok(only) = std::env::var("ECHO_SERVERS") {
            servers.retain(|server| server.name == "bare" || only.contains(server.name));
        }
        servers
    }

    fn cancellable() -> Self {
        let build = ["build", "--quiet", "--release", "-p", "echo-cancellable"];
        assert!(Command::new(env!("CARGO")).args(build).status().unwrap().success());
        let release = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().to_path_buf();
        let program = release.join("echo-cancellable").with_extension(std::env::consts::EXE_EXTENSION);
        Self::start("cancellable", program.to_str().unwrap(), &["--addr", "127.0.0.1:0"])
    }

    fn itself(name: &'static str, how: &str) -> Self {
        Self::start(name, std::env::current_exe().unwrap().to_str().unwrap(), &[how])
    }

    fn start(name: &'static str, program: &str, args: &[&str]) -> Self {
        let mut command = if taskset() { Command::new("taskset") } else { Command::new(program) };
        if taskset() {
            command.args(["-c", "1", program]);
        }
        let mut child = command.args(args).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let addr = first.split_once("listening on ").unwrap().1.split(',').next().unwrap().parse().unwrap();
        thread::spawn(move || lines.for_each(drop));
        Self { name, addr, child }
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

/// Whether there is a `taskset`, and a second core to use it for.
fn taskset() -> bool {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let found = Command::new("taskset").args(["-c", "1", "true"]).stderr(Stdio::null()).status();
    (cores > 1 || std::env::var_os("ECHO_PINNED").is_some()) && found.is_ok_and(|status| status.success())
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
