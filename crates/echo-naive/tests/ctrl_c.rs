//! What is wrong with the naive server, shown on real processes.
#![cfg(unix)]

#[path = "../../timeline/tests/manners/narrow.rs"]
mod narrow; // what every program promises to a narrow terminal

#[path = "../../echo-cancellable/tests/support/mod.rs"]
mod support;

use std::io::{Read, Write};

use rustix::process::Signal;
use support::{Process, read_to_end, wait_until};

const SERVER: &str = env!("CARGO_BIN_EXE_echo-naive");

#[test]
fn it_echoes_and_logs() {
    let mut server = Process::start(SERVER, &[]);
    let mut client = server.connect();
    client.write_all(b"hello\n").unwrap();
    client.read_exact(&mut [0; 6]).unwrap();
    server.wait_for_line("client 1: echoed 6 bytes: hello\\n");
    // At most 2048 bytes at a time.
    client.write_all(&[b'x'; 5000]).unwrap();
    client.read_exact(&mut [0; 5000]).unwrap();
    drop(client);
    server.wait_for_line("client 1: left");
    let longest =
        server.said.iter().filter(|line| line.contains("xxx")).map(|line| line.matches('x').count()).max();
    assert!(longest <= Some(2048), "{longest:?}");
}

#[test]
fn ctrl_c_kills_it_and_nobody_hears_goodbye() {
    let mut server = Process::start(SERVER, &[]);
    let mut client = server.connect();
    client.write_all(b"hello").unwrap();
    client.read_exact(&mut [0; 5]).unwrap();
    server.signal(Signal::INT);
    assert_eq!(server.wait(), 128 + 2);
    assert_eq!(read_to_end(&client), b"");
}

#[test]
fn with_join_it_does_not_end_while_a_client_stays() {
    let mut server = Process::start(SERVER, &["--join"]);
    let mut client = server.connect();
    client.write_all(b"hello").unwrap();
    client.read_exact(&mut [0; 5]).unwrap();
    server.signal(Signal::INT);
    server.wait_for_line("waiting for every thread");
    // It has been told, it waits, and it still serves: only the client can end it.
    for _ in 0..100 {
        client.write_all(b"still here").unwrap();
        client.read_exact(&mut [0; 10]).unwrap();
        assert!(server.is_running());
    }
    drop(client);
    assert_eq!(server.wait(), 0);
    assert_eq!(server.last_line(), "echo-naive: every thread has ended");
}

#[test]
fn with_join_it_keeps_a_handle_for_every_client_it_ever_had() {
    let mut server = Process::start(SERVER, &["--join"]);
    for number in 1..=50 {
        let mut client = server.connect();
        client.write_all(b"hello").unwrap();
        client.read_exact(&mut [0; 5]).unwrap();
        drop(client);
        server.wait_for_line(&format!("client {number}: left"));
    }
    let _one_more = server.connect();
    server.wait_for_line("handles kept: 51");
}

#[test]
fn with_ignore_eof_a_client_that_left_costs_a_core() {
    let mut server = Process::start(SERVER, &["--ignore-eof"]);
    let mut client = server.connect();
    client.write_all(b"hello").unwrap();
    client.read_exact(&mut [0; 5]).unwrap();
    drop(client);
    let line = server.wait_for_line("reads of 0 bytes in one second");
    let reads: u64 = line.split_whitespace().nth(2).unwrap().parse().unwrap();
    assert!(reads > 1000, "{line}");
    server.wait_for_line("client 1: left");
}

#[test]
fn with_join_it_outlives_a_second_ctrl_c_and_ends_at_ctrl_backslash() {
    let mut server = Process::start(SERVER, &["--join"]);
    let mut client = server.connect();
    // Whoever has had an echo has been let in.
    client.write_all(b"hello").unwrap();
    client.read_exact(&mut [0; 5]).unwrap();
    server.signal(Signal::INT);
    server.wait_for_line("waiting for every thread");
    server.signal(Signal::INT);
    for _ in 0..100 {
        client.write_all(b"still here").unwrap();
        client.read_exact(&mut [0; 10]).unwrap();
        assert!(server.is_running());
    }
    server.signal(Signal::QUIT);
    assert_eq!(server.wait(), 128 + 3);
    assert_eq!(read_to_end(&client), b"");
}

#[test]
fn a_port_in_use_and_a_bad_address_are_one_clear_line() {
    let server = Process::start(SERVER, &[]);
    let addr = server.addr.to_string();
    let write_it_so = "; write HOST:PORT, for example 127.0.0.1:8000\n";
    for (addr, next) in [
        (addr.as_str(), "; stop the other one, or take another port: --addr 127.0.0.1:8001\n"),
        ("127.0.0.1", write_it_so),
        ("127.0.0.1:99999", write_it_so),
    ] {
        assert_cmd::Command::new(SERVER)
            .args(["--addr", addr])
            .assert()
            .code(1)
            .stdout("")
            .stderr(predicates::str::starts_with(format!("echo-naive: cannot listen on {addr}: ")))
            .stderr(predicates::str::ends_with(next))
            .stderr(predicates::function::function(|text: &str| text.lines().count() == 1));
    }
    wait_until("the first one serves", || server.connect().write_all(b"x").is_ok());
}
