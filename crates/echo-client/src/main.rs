//! The projector of `echo-client`: flags in, a conversation or a table out.

use std::io::{self, BufReader, ErrorKind, IsTerminal, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Arg, ArgAction, Command, value_parser};
use echo_client::Ended;
use echo_client::load::{self, Load};

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        // Whoever closed the pipe (`| head -1`) has what it wanted.
        Err((_, error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err((what, error)) => {
            let _ = writeln!(io::stderr(), "echo-client: {what}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode, (String, io::Error)> {
    let flags = timeline::matches(flags());
    let addr = flags.get_one::<String>("addr").expect("it has a default");
    let cannot_connect = |error: io::Error| {
        let next = match error.kind() {
            ErrorKind::ConnectionRefused => {
                format!("; start a server there first: cargo run -p echo-naive -- --addr {addr}")
            }
            ErrorKind::InvalidInput => "; write HOST:PORT, for example 127.0.0.1:8000".into(),
            _ => String::new(),
        };
        (format!("cannot connect to {addr}"), io::Error::new(error.kind(), format!("{error}{next}")))
    };
    if !flags.get_flag("load") {
        let server = TcpStream::connect(addr).map_err(cannot_connect)?;
        let ended = echo_client::talk(&server, BufReader::new(io::stdin()), &mut io::stdout())
            .map_err(|error| (format!("the connection to {addr} broke"), error))?;
        let how = match ended {
            Ended::ByUs => "you left; the server sent the rest, and closed too",
            Ended::ByServer => "the server closed the connection",
        };
        let _ = writeln!(io::stderr(), "echo-client: {how}");
        return Ok(ExitCode::SUCCESS);
    }
    let load = Load {
        connections: *flags.get_one::<u16>("connections").expect("it has a default") as usize,
        size: *flags.get_one::<u32>("size").expect("it has a default") as usize,
        duration: *flags.get_one("seconds").expect("it has a default"),
        streaming: flags.get_flag("streaming"),
    };
    let mut candidates = addr.to_socket_addrs().map_err(cannot_connect)?;
    let server = candidates.next().ok_or_else(|| cannot_connect(ErrorKind::NotFound.into()))?;
    let mut status = Status { of: load.connections, drawn: None };
    let report = load::run_watched(server, load, |done, number| status.show(done, number), || {});
    status.clear();
    let report = report.map_err(cannot_connect)?;
    print(load, &report).map_err(|error| ("cannot write".into(), error))?;
    Ok(if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How far the start has come: one line of a terminal, drawn over and over, and gone when the load begins.
struct Status {
    of: usize,
    drawn: Option<(String, Instant)>,
}

impl Status {
    fn show(&mut self, done: &str, number: usize) {
        let pause = Duration::from_millis(100);
        let is_news = self.drawn.as_ref().is_none_or(|(before, at)| before != done || at.elapsed() >= pause);
        if is_news && io::stderr().is_terminal() {
            self.clear();
            let _ = write!(io::stderr(), "echo-client: {done} {number} of {}", self.of);
            self.drawn = Some((done.into(), Instant::now()));
        }
    }

    /// Without escape codes: a terminal that knows none can do this.
    fn clear(&mut self) {
        if self.drawn.take().is_some() {
            let _ = write!(io::stderr(), "\r{:50}\r", "");
        }
    }
}

fn flags() -> Command {
    let value = |name: &'static str, what: &'static str, default: &'static str| {
        Arg::new(name).long(name).value_name("N").help(what).default_value(default).requires("load")
    };
    Command::new("echo-client")
        .about(
            "Talks to an echo server: a line in, its echo out. With --load, many do, and compare every byte.",
        )
        .arg(Arg::new("addr").value_name("ADDR").help("The server").default_value("127.0.0.1:8000"))
        .arg(
            Arg::new("load").long("load").action(ArgAction::SetTrue).help("Put a bounded load on the server"),
        )
        .arg(
            value("connections", "Clients at the same time, at most 10000", "16")
                .value_parser(value_parser!(u16).range(1..=10_000)),
        )
        .arg(
            value("size", "Bytes in one message, at most 64 MiB", "64")
                .value_parser(value_parser!(u32).range(1..=64 * 1024 * 1024)),
        )
        .arg(
            value("seconds", "How long, at most 600; 500ms and 2m will do, too", "1")
                .value_parser(|text: &str| timeline::parse_seconds(text, 0.01..=600.0)),
        )
        .arg(
            Arg::new("streaming")
                .long("streaming")
                .action(ArgAction::SetTrue)
                .requires("load")
                .help("Send up to 64 KiB ahead of the echo"),
        )
}

fn print(load: Load, report: &load::Report) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let Load { connections, size, streaming, .. } = load;
    let how = if streaming { "64 KiB ahead of the echo" } else { "one message, one echo" };
    writeln!(out, "{connections} connections, {size} bytes a message, {how}")?;
    writeln!(out, "echoes      {:>12}   every byte of them compared", report.echoes)?;
    writeln!(out, "goodbyes    {:>12}", report.goodbyes)?;
    writeln!(out, "failures    {:>12}", report.failures.len())?;
    for failure in report.failures.iter().take(5) {
        writeln!(out, "  {failure}")?;
    }
    for (name, share) in [("median", 0.5), ("90 %", 0.9), ("99 %", 0.99), ("slowest", 1.0)] {
        if let Some(took) = report.latency.quantile(share) {
            writeln!(out, "{name:<12}{:>9.0} us", took.as_secs_f64() * 1e6)?;
        }
    }
    writeln!(
        out,
        "{:.0} echoes a second, {:.1} MiB a second, over {:.1} s",
        report.rate(),
        report.throughput(),
        report.elapsed.as_secs_f64()
    )
}
