//! The binary: what it prints, and what it says to a wrong flag.

#[path = "../../timeline/tests/manners/narrow.rs"]
mod narrow; // what every program promises to a narrow terminal

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};

use assert_cmd::assert::OutputAssertExt;
use assert_cmd::cargo::cargo_bin;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

#[test]
fn it_says_where_it_listens_and_answers_there() {
    let mut server = Command::new(cargo_bin!("lab-server"));
    let mut server = server.env_remove("COLUMNS").stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address");
    let mut socket = TcpStream::connect(address).unwrap();
    socket.write_all(b"GET /?status=204 HTTP/1.1\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
}

/// A process that may open 64 files, and 100 clients that all stay until they have their
/// answer.
#[cfg(unix)]
#[test]
fn a_server_without_a_descriptor_left_goes_on_when_it_has_one() {
    let mut server = Command::new("sh");
    server.args(["-c", "ulimit -n 64; exec \"$0\"", cargo_bin!("lab-server").to_str().unwrap()]);
    let mut server = server.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address");
    let clients: Vec<TcpStream> = (0..100).map(|_| TcpStream::connect(address).unwrap()).collect();
    let mut complaint = String::new();
    BufReader::new(server.stderr.take().unwrap()).read_line(&mut complaint).unwrap();
    assert!(complaint.starts_with("lab-server: cannot accept: "), "{complaint}");
    for mut client in clients {
        client.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
        client.write_all(b"GET /?status=204 HTTP/1.1\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    }
    server.kill().unwrap();
    server.wait().unwrap();
}

#[test]
fn a_port_in_use_is_named_with_a_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run = Command::new(cargo_bin!("lab-server")).args(["--port", &port]).assert().code(1);
    run.stderr(
        contains(format!("lab-server: cannot listen on 127.0.0.1:{port}: ")).and(contains("--port\n")),
    );
}

#[test]
fn wrong_flags_end_with_usage() {
    for flags in [&["--limit", "0"][..], &["--latency", "soon"], &["--reject"], &["--prot", "1"]] {
        Command::new(cargo_bin!("lab-server")).args(flags).assert().code(2).stderr(contains("error:"));
    }
}
