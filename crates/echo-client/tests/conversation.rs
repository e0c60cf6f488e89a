//! The client, against servers of a few lines that do what the test wants.

#[path = "../../timeline/tests/manners/narrow.rs"]
mod narrow; // what every program promises to a narrow terminal

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::{Command as Process, Stdio};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use assert_cmd::Command;
use echo_client::load::{self, GOODBYE, Load};
use predicates::function::function;
use predicates::str::{contains, ends_with, starts_with};

const CLIENT: &str = env!("CARGO_BIN_EXE_echo-client");

/// Serves each client with `serve`, for as long as the test runs.
fn server(serve: fn(TcpStream)) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    thread::spawn(move || {
        listener.incoming().for_each(|stream| drop(thread::spawn(move || serve(stream.unwrap()))));
    });
    addr
}

fn echo(mut stream: TcpStream) {
    let mut bytes = [0; 2048];
    while let Ok(n @ 1..) = stream.read(&mut bytes) {
        if stream.write_all(&bytes[..n]).is_err() {
            return;
        }
    }
}

fn echo_once_then_goodbye(mut stream: TcpStream) {
    let mut bytes = [0; 2048];
    let n = stream.read(&mut bytes).unwrap();
    stream.write_all(&bytes[..n]).unwrap();
    stream.write_all(GOODBYE).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    // To close now would be a reset, and no end of the stream, for a client that has sent its next message.
    let _ = io::copy(&mut stream, &mut io::sink());
}

#[test]
fn a_line_in_its_echo_out() {
    let addr = server(echo).to_string();
    let output = Command::new(CLIENT).arg(&addr).write_stdin("hello\nthere\n").assert().success();
    output
        .stdout("hello\nthere\n")
        .stderr("echo-client: you left; the server sent the rest, and closed too\n");
}

#[test]
fn the_goodbye_is_shown_and_ends_it_though_the_keyboard_is_silent() {
    let addr = server(echo_once_then_goodbye).to_string();
    let mut child = Process::new(CLIENT)
        .arg(&addr)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut keyboard = child.stdin.take().unwrap();
    keyboard.write_all(b"hello\n").unwrap();
    let mut shown = String::new();
    child.stdout.take().unwrap().read_to_string(&mut shown).unwrap();
    assert_eq!(shown, "hello\nShutting down!\n");
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said, "echo-client: the server closed the connection\n");
    assert!(child.wait().unwrap().success());
    drop(keyboard);
}

#[test]
fn nobody_there_and_a_bad_address_are_one_clear_line() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let start_one = format!("; start a server there first: cargo run -p echo-naive -- --addr {nobody}\n");
    let write_it_so = "; write HOST:PORT, for example 127.0.0.1:8000\n";
    for (addr, next) in
        [(nobody.as_str(), start_one.as_str()), ("127.0.0.1", write_it_so), ("127.0.0.1:99999", write_it_so)]
    {
        for load in [&[][..], &["--load"]] {
            let refused = Command::new(CLIENT).arg(addr).args(load).assert().code(1).stdout("");
            refused
                .stderr(starts_with(format!("echo-client: cannot connect to {addr}: ")))
                .stderr(ends_with(next))
                .stderr(function(|text: &str| text.lines().count() == 1));
        }
    }
}

#[test]
fn a_time_is_plain_seconds_or_has_its_unit() {
    // The bounds tell the units apart; whoever is let in fails at the address.
    for (time, code) in [
        ("0.009", 2),
        ("0.01", 1),
        ("600", 1),
        ("600.1", 2),
        ("9ms", 2),
        ("10ms", 1),
        ("600s", 1),
        ("600.1s", 2),
        ("10m", 1),
        ("10.1m", 2),
        ("1h", 2),
    ] {
        Command::new(CLIENT).args(["nowhere", "--load", "--seconds", time]).assert().code(code);
    }
}

#[test]
fn a_wrong_flag_ends_with_usage() {
    for wrong in [&["--load", "--connections", "0"][..], &["--load", "--seconds", "inf"], &["--size", "64"]] {
        Command::new(CLIENT).args(wrong).assert().code(2).stdout("").stderr(contains("--help"));
    }
}

#[test]
fn a_load_compares_every_byte() {
    let short = Duration::from_millis(100);
    for streaming in [false, true] {
        for size in [1, 64, 2048, 300_000] {
            let load = Load { connections: 4, size, duration: short, streaming };
            let report = load::run(server(echo), load, || {}).unwrap();
            // Each had an echo before the clock ran; whoever had none has failed, or was told goodbye.
            assert_eq!((report.failures, report.goodbyes), (vec![], 0));
        }
    }
}

#[test]
fn a_load_counts_while_its_clock_runs() {
    for streaming in [false, true] {
        let addr = server(echo);
        let counted = |seconds| {
            let load =
                Load { connections: 4, size: 64, duration: Duration::from_secs_f64(seconds), streaming };
            let report = load::run(addr, load, || {}).unwrap();
            assert!(report.elapsed >= load.duration);
            assert!(!streaming || report.latency.quantile(0.5).is_none());
            report.bytes > 0 && report.echoes > 0 && (streaming || report.latency.quantile(0.5).is_some())
        };
        // A machine that is busy may have had no time for an echo, but not for ever.
        assert!([0.01, 0.1, 1.0, 10.0, 100.0].into_iter().any(counted), "streaming: {streaming}");
    }
}

#[test]
fn what_comes_back_before_the_clock_runs_is_not_counted() {
    // It holds the last message back until the load has started, and then says goodbye instead.
    static HOLD: Barrier = Barrier::new(2);
    fn hundreds_then_goodbye(mut stream: TcpStream) {
        let mut bytes = [0; 64];
        for _ in 0..500 {
            stream.read_exact(&mut bytes).unwrap();
            stream.write_all(&bytes).unwrap();
        }
        // Who asks again has had all its echoes.
        stream.read_exact(&mut bytes).unwrap();
        HOLD.wait();
        HOLD.wait();
        stream.write_all(GOODBYE).unwrap();
    }
    let load = Load { connections: 1, size: 64, duration: Duration::from_secs(3600), streaming: false };
    let mut began = None;
    let report = load::run(server(hundreds_then_goodbye), load, || {
        HOLD.wait();
        began = Some(Instant::now());
        HOLD.wait();
    })
    .unwrap();
    assert_eq!((report.echoes, report.bytes, report.goodbyes), (0, 0, 1));
    assert!(report.latency.quantile(1.0).is_none());
    // It cannot have begun before this moment.
    assert!(report.elapsed <= began.unwrap().elapsed());
}

#[test]
fn a_load_goes_on_for_its_time_however_long_the_start_took() {
    let load = Load { connections: 3, size: 64, duration: Duration::from_millis(50), streaming: false };
    let mut started = None;
    load::run(server(echo), load, || {
        let waits = Instant::now();
        while waits.elapsed() < load.duration {
            thread::yield_now();
        }
        started = Some(Instant::now());
    })
    .unwrap();
    assert!(started.unwrap().elapsed() >= load.duration);
}

#[test]
fn a_load_notices_a_server_that_changes_one_byte() {
    fn wrong(mut stream: TcpStream) {
        let mut bytes = [0; 2048];
        for _ in 0..3 {
            let n = stream.read(&mut bytes).unwrap();
            stream.write_all(&bytes[..n]).unwrap();
        }
        let n = stream.read(&mut bytes).unwrap();
        bytes[n / 2] ^= 1;
        let _ = stream.write_all(&bytes[..n]);
    }
    for streaming in [false, true] {
        let load = Load { connections: 3, size: 64, duration: Duration::from_secs(60), streaming };
        let report = load::run(server(wrong), load, || {}).unwrap();
        assert_eq!(report.failures.len(), 3, "{:?}", report.failures);
    }
}

#[test]
fn a_load_ends_early_when_everybody_is_told_goodbye() {
    let load = Load { connections: 5, size: 64, duration: Duration::from_secs(3600), streaming: false };
    let report = load::run(server(echo_once_then_goodbye), load, || {}).unwrap();
    assert_eq!((report.goodbyes, report.failures.len()), (5, 0));
}

#[test]
fn a_load_is_a_table_whose_last_line_is_the_point() {
    let addr = server(echo).to_string();
    let args = [&addr, "--load", "--connections", "3", "--seconds", "0.1"];
    let table = Command::new(CLIENT).args(args).assert().success().stderr("");
    table.stdout(starts_with("3 connections, 64 bytes a message")).stdout(contains("echoes a second"));
}

#[test]
fn a_start_tells_how_many_clients_have_come_how_far() {
    let load = Load { connections: 3, size: 64, duration: Duration::from_millis(10), streaming: false };
    let mut told = Vec::new();
    load::run_watched(server(echo), load, |done, number| told.push(format!("{done} {number}")), || {})
        .unwrap();
    let all: Vec<_> = ["connected", "first echo for", "second echo for"]
        .iter()
        .flat_map(|done| (1..=3).map(move |number| format!("{done} {number}")))
        .collect();
    assert_eq!(told, all);
}

#[test]
#[cfg(unix)]
fn on_a_terminal_a_start_shows_how_far_it_is_and_leaves_no_trace() {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use std::fs::File;

    let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&screen).unwrap();
    unlockpt(&screen).unwrap();
    let name = ptsname(&screen, Vec::new()).unwrap().into_string().unwrap();
    let mut terminal = File::options().read(true).write(true).open(name).unwrap();

    let addr = server(echo).to_string();
    let args = [&addr, "--load", "--connections", "3", "--seconds", "0.01"];
    let stderr = terminal.try_clone().unwrap();
    let output = Process::new(CLIENT).args(args).stderr(stderr).output().unwrap();
    assert!(output.status.success());

    // Our own last line: the terminal has more to read until then, so that nothing here waits for ever.
    terminal.write_all(b"end\n").unwrap();
    let (mut shown, mut bytes) = (String::new(), [0; 1024]);
    let mut screen = File::from(screen);
    while !shown.ends_with("end\r\n") {
        let n = screen.read(&mut bytes).unwrap();
        shown += str::from_utf8(&bytes[..n]).unwrap();
    }
    for done in ["connected", "first echo for", "second echo for"] {
        assert!(shown.contains(&format!("echo-client: {done} 1 of 3\r")), "{shown:?}");
    }
    // The last thing before ours: blanks over the whole of the line, and back to its start.
    let last = shown.rsplit('\r').nth(2).unwrap_or_default();
    assert!(
        last.len() >= "echo-client: second echo for 10000 of 10000".len() && last.trim().is_empty(),
        "{shown:?}"
    );
}
