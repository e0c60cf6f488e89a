//! The end of a server: whatever its clients do, each hears its bytes, then one goodbye, then the end.
//!
//! Fifty runs of each, and not a few, with `ECHO_FULL=1 cargo test -p echo-cancellable --test shutdown`.
#![cfg(unix)]

mod support;

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use echo_client::load::{self, Echoes, GOODBYE, Load, Pattern};
use rustix::process::Signal;
use support::{FOR_EVER, Process, at_most, full_or, read_to_end, that_never_reads, wait_until};

const SERVER: &str = env!("CARGO_BIN_EXE_echo-cancellable");

/// Nobody's time runs out: these tests are about bytes, not about time.
const PATIENT: [&str; 2] = ["--grace", "86400"];

fn goodbye_in_mid_stream(runs: usize, connections: usize, streaming: bool) {
    let (connections, _turn) = at_most(connections);
    for run in 0..runs {
        let mut server = Process::start(SERVER, &PATIENT);
        let load = Load { connections, size: 64 + run * 97, duration: FOR_EVER, streaming };
        let report = load::run(server.addr, load, || {
            // So that the signal finds them somewhere else each time.
            thread::sleep(Duration::from_micros(run as u64 * 1237 % 20_000));
            server.signal(if run % 2 == 0 { Signal::INT } else { Signal::TERM });
        });
        let report = report.unwrap();
        assert!(report.failures.is_empty(), "run {run}: {:?}", report.failures);
        assert_eq!(report.goodbyes, connections, "run {run}");
        assert_eq!(server.wait(), 0, "run {run}");
        let said = format!("echo-cancellable: clients told goodbye: {connections}");
        assert_eq!(server.last_line(), said, "run {run}");
        // The port is free at once.
        drop(TcpListener::bind(server.addr).unwrap());
    }
}

#[test]
fn a_client_in_mid_stream_loses_nothing_and_is_told_goodbye() {
    goodbye_in_mid_stream(full_or(5, 50), 1, true);
    goodbye_in_mid_stream(full_or(5, 50), 1, false);
}

#[test]
fn a_hundred_clients_in_mid_stream_lose_nothing_and_are_told_goodbye() {
    goodbye_in_mid_stream(full_or(2, 50), 100, true);
    goodbye_in_mid_stream(full_or(2, 50), 100, false);
}

#[test]
fn a_thousand_clients_in_mid_stream_lose_nothing_and_are_told_goodbye() {
    goodbye_in_mid_stream(full_or(1, 50), 1000, true);
    goodbye_in_mid_stream(full_or(1, 50), 1000, false);
}

/// Half of the clients are served already, half have only knocked; and the server is stopped, so that what they send waits
/// in its system, and so does the signal. All of that is owed to them.
#[cfg(target_os = "linux")]
fn echoes_what_had_arrived(runs: usize, clients: usize) {
    let (clients, _turn) = at_most(clients);
    for run in 0..runs {
        let mut server = Process::start(SERVER, &PATIENT);
        let mut connected: Vec<_> = (0..clients.div_ceil(2)).map(|_| server.connect()).collect();
        for client in &mut connected {
            client.write_all(b"hello").unwrap();
            client.read_exact(&mut [0; 5]).unwrap();
        }
        server.signal(Signal::STOP);
        connected.extend((0..clients / 2).map(|_| server.connect()));
        let sent = Pattern::of(run).take(8 * 1024 + run * 97);
        connected.iter_mut().for_each(|client| client.write_all(sent).unwrap());
        wait_until("all is acknowledged", || unacknowledged(server.addr) == 0);
        server.signal(Signal::INT);
        server.signal(Signal::CONT);
        for (number, client) in connected.into_iter().enumerate() {
            assert!(read_to_end(&client) == [sent, GOODBYE].concat(), "client {number} of {clients}");
        }
        assert_eq!(server.wait(), 0);
        assert_eq!(server.last_line(), format!("echo-cancellable: clients told goodbye: {clients}"));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_had_arrived_before_the_signal_is_echoed() {
    echoes_what_had_arrived(full_or(5, 50), 1);
    echoes_what_had_arrived(full_or(2, 50), 100);
    echoes_what_had_arrived(full_or(1, 50), 1000);
}

/// How many bytes that were sent to `addr` have not been acknowledged.
#[cfg(target_os = "linux")]
fn unacknowledged(addr: SocketAddr) -> u64 {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let remote = format!("0100007F:{:04X}", addr.port());
    let rows = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let queues = rows.filter(|row| row[2] == remote).map(|row| row[4].split(':').next().unwrap().to_owned());
    queues.map(|queue| u64::from_str_radix(&queue, 16).unwrap()).sum()
}

#[test]
fn idle_clients_are_told_goodbye_though_they_never_close() {
    let (number, _turn) = at_most(100);
    let mut server = Process::start(SERVER, &PATIENT);
    let clients: Vec<_> = (0..number).map(|_| server.connect()).collect();
    (0..number).for_each(|_| drop(server.wait_for_line("connected")));
    server.signal(Signal::INT);
    assert_eq!(server.wait(), 0);
    assert_eq!(server.last_line(), format!("echo-cancellable: clients told goodbye: {number}"));
    assert!(clients.iter().all(|client| read_to_end(client) == GOODBYE));
}

#[test]
fn clients_that_never_read_do_not_keep_it_from_ending() {
    let mut server = Process::start(SERVER, &["--grace", "0.3"]);
    let clients: Vec<_> = (0..10).map(|_| that_never_reads(server.addr)).collect();
    let piled_up = server.waits_until_echoes_pile_up(10);
    server.signal(Signal::INT);
    assert_eq!(server.wait(), 0);
    for client in clients {
        let heard = client.join().unwrap();
        let echo = heard.strip_suffix(GOODBYE).unwrap_or(&heard);
        assert!(echo.iter().all(|&byte| byte == b'x'), "{}", heard.escape_ascii());
        // A goodbye waits behind echoes that are never read.
        assert!(!piled_up || echo.len() == heard.len());
    }
}

#[test]
fn clients_that_never_read_do_not_keep_others_from_their_goodbye() {
    // Nobody's time runs out here, so the others cannot hear of an end that was forced.
    let mut server = Process::start(SERVER, &["--grace", "86400"]);
    (0..10).for_each(|_| drop(that_never_reads(server.addr)));
    let piled_up = server.waits_until_echoes_pile_up(10);
    let polite = server.connect();
    server.signal(Signal::INT);
    assert_eq!(read_to_end(&polite), GOODBYE);
    drop(polite);
    server.wait_for_line("told goodbye, 0 bytes echoed");
    if piled_up {
        assert!(server.is_running());
        server.signal(Signal::INT);
        assert_eq!(server.wait(), 130);
    }
}

#[test]
fn a_second_signal_does_not_wait() {
    for (first, second) in
        [(Signal::INT, Signal::INT), (Signal::TERM, Signal::INT), (Signal::INT, Signal::TERM)]
    {
        let mut server = Process::start(SERVER, &["--grace", "86400"]);
        // One that was sent so much, and does not close, is waited for all the time of grace.
        let mut client = server.connect();
        client.write_all(&[b'x'; 4096]).unwrap();
        client.read_exact(&mut [0; 4096]).unwrap();
        server.signal(first);
        wait_until("nobody is let in", || TcpStream::connect(server.addr).is_err());
        assert!(server.is_running());
        server.signal(second);
        assert_eq!(server.wait(), 130);
    }
}

#[test]
fn a_client_that_half_closes_gets_all_its_echoes() {
    let mut server = Process::start(SERVER, &[]);
    let client = server.connect();
    thread::scope(|scope| {
        scope.spawn(|| {
            Pattern::of(0).send(&client, 1 << 20).unwrap();
            client.shutdown(Shutdown::Write).unwrap();
        });
        let heard = read_to_end(&client);
        assert_eq!(heard.len(), 1 << 20);
        assert!(
            heard
                .chunks(4096)
                .scan(Pattern::of(0), |sent, part| Some(sent.take(part.len()) == part))
                .all(|same| same)
        );
    });
    server.wait_for_line("left, 1048576 bytes echoed");
    server.signal(Signal::INT);
    assert_eq!(server.wait(), 0);
    assert_eq!(server.last_line(), "echo-cancellable: clients told goodbye: 0");
}

/// What a client hears that connects at any time: the goodbye, or a refusal, but never silence.
fn goodbye_or_refusal(addr: SocketAddr) -> io::Result<&'static str> {
    let mut heard = Vec::new();
    let attempt = TcpStream::connect(addr).and_then(|mut client| {
        client.set_read_timeout(Some(FOR_EVER))?;
        client.read_to_end(&mut heard)
    });
    match attempt {
        Ok(_) if heard == GOODBYE => Ok("goodbye"),
        Ok(_) => Err(io::Error::other(format!("{} bytes and no goodbye", heard.len()))),
        Err(error) if matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset) => {
            Ok("refusal")
        }
        Err(error) => Err(error),
    }
}

#[test]
fn whoever_connects_while_it_stops_hears_goodbye_or_is_refused() {
    let (number, _turn) = at_most(200);
    for run in 0..full_or(5, 50) {
        let mut server = Process::start(SERVER, &PATIENT);
        let addr = server.addr;
        thread::scope(|scope| {
            let clients: Vec<_> =
                (0..number).map(|_| scope.spawn(move || goodbye_or_refusal(addr))).collect();
            thread::sleep(Duration::from_micros(run as u64 * 617 % 10_000));
            server.signal(Signal::INT);
            clients.into_iter().for_each(|client| assert!(!client.join().unwrap().unwrap().is_empty()));
        });
        assert_eq!(server.wait(), 0);
    }
}

#[test]
fn whoever_waits_at_the_door_is_let_in_in_turn_and_not_forgotten_at_the_end() {
    let mut server = Process::start(SERVER, &["--grace", "86400", "--max-connections", "2"]);
    let [mut first, second] = [server.connect(), server.connect()];
    (0..2).for_each(|_| drop(server.wait_for_line("connected")));
    let mut third = server.connect();
    third.write_all(b"third").unwrap();
    first.write_all(b"first").unwrap();
    first.read_exact(&mut [0; 5]).unwrap();
    third.set_nonblocking(true).unwrap();
    // The first was answered after the third had asked: the third is not served.
    assert_eq!(third.read(&mut [0; 5]).unwrap_err().kind(), ErrorKind::WouldBlock);
    third.set_nonblocking(false).unwrap();
    drop(first);
    third.read_exact(&mut [0; 5]).unwrap();

    thread::scope(|scope| {
        let fourth = TcpStream::connect(server.addr).unwrap();
        fourth.set_read_timeout(Some(FOR_EVER)).unwrap();
        server.signal(Signal::INT);
        let waiting = scope.spawn(move || {
            let mut heard = Vec::new();
            (&fourth).read_to_end(&mut heard).map(|_| heard)
        });
        assert_eq!(read_to_end(&second), GOODBYE);
        assert_eq!(read_to_end(&third), GOODBYE);
        match waiting.join().unwrap() {
            Ok(heard) => assert_eq!(heard, GOODBYE),
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
        }
    });
    drop((second, third));
    assert_eq!(server.wait(), 0);
}

#[test]
#[cfg(target_os = "linux")]
fn a_client_that_is_silent_for_too_long_is_closed() {
    let mut server = Process::start(SERVER, &["--idle", "0.1"]);
    // The server stands still until the message is there: its patience does not begin before.
    server.signal(Signal::STOP);
    let mut client = server.connect();
    client.write_all(b"hello").unwrap();
    wait_until("all is acknowledged", || unacknowledged(server.addr) == 0);
    server.signal(Signal::CONT);
    assert_eq!(read_to_end(&client), b"hello");
    server.wait_for_line("idle for too long, 5 bytes echoed");
}

#[test]
fn a_client_that_does_not_read_for_too_long_is_closed() {
    let mut server = Process::start(SERVER, &["--idle", "0.1"]);
    // One that is kept from sending for so long, on a busy machine, counts as silent: then another one tries.
    loop {
        drop(that_never_reads(server.addr));
        if server.wait_for_line("for too long").contains("did not read for too long") {
            break;
        }
    }
}

#[test]
fn a_log_that_nobody_reads_stops_nobody() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    let mut child = Command::new(SERVER)
        .args(["--verbose", "--addr", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    // The pipe stays open, and nobody empties it from here on.
    let mut log = BufReader::new(child.stdout.take().unwrap());
    log.read_line(&mut first).unwrap();
    let addr = first.split_once("listening on ").unwrap().1.split(',').next().unwrap().to_string();
    let mut client = TcpStream::connect(addr).unwrap();
    let mut echoes = Echoes::of(0);
    let mut messages = Pattern::of(0);
    let mut bytes = [0; 2048];
    while echoes.echoed < 4 << 20 {
        client.write_all(messages.take(2048)).unwrap();
        let n = client.read(&mut bytes).unwrap();
        echoes.hear(&bytes[..n]).unwrap();
    }
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), Signal::INT).unwrap();
    wait_until("it ends", || child.try_wait().unwrap().is_some());
    assert!(child.wait().unwrap().success());
    drop(log);
}

#[test]
fn a_log_whose_reader_is_gone_stops_nobody() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    let mut child = Command::new(SERVER)
        .args(["--verbose", "--addr", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let addr = first.split_once("listening on ").unwrap().1.split(',').next().unwrap().to_string();
    for _ in 0..20 {
        let mut client = TcpStream::connect(&addr).unwrap();
        client.write_all(b"hello").unwrap();
        client.read_exact(&mut [0; 5]).unwrap();
    }
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(output.stderr.escape_ascii().to_string(), "");
}
