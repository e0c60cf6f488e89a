//! Every promise of the server, asked for by a client that speaks HTTP by hand.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use lab_server::{LabServer, RefusingPort, body_byte};

/// A hang in a test is a failure that names what it waited for.
const SOON: Duration = Duration::from_secs(20);

fn connect(server: &LabServer) -> TcpStream {
    let socket = TcpStream::connect(server.address()).unwrap();
    socket.set_read_timeout(Some(SOON)).unwrap();
    socket
}

fn ask(mut socket: &TcpStream, target: &str, headers: &str) {
    write!(socket, "GET {target} HTTP/1.1\r\nHost: lab\r\n{headers}\r\n").unwrap();
}

/// Head and body of the whole answer, on a connection of its own.
fn get(server: &LabServer, target: &str, headers: &str) -> (String, Vec<u8>) {
    let mut socket = connect(server);
    ask(&socket, target, &format!("Connection: close\r\n{headers}"));
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let body = bytes.split_off(end + 4);
    (String::from_utf8(bytes).unwrap(), body)
}

#[test]
fn status_size_and_range_are_as_asked() {
    let server = LabServer::start().unwrap();
    let (head, body) = get(&server, "/x?status=404", "");
    assert!(head.starts_with("HTTP/1.1 404 Not Found\r\n"), "{head}");
    assert_eq!(body, b"404 Not Found\n");

    let whole: Vec<u8> = (0..100_000).map(body_byte).collect();
    assert_eq!(get(&server, "/x?size=100000", "").1, whole);
    let (head, part) = get(&server, "/x?size=100000", "Range: bytes=70000-\r\n");
    assert!(head.starts_with("HTTP/1.1 206 "), "{head}");
    assert!(head.contains("Content-Range: bytes 70000-99999/100000\r\n"), "{head}");
    assert_eq!(part, whole[70_000..]);
    assert_eq!(get(&server, "/x?size=100000", "Range: bytes=5-9\r\n").1, whole[5..10]);
    let changed = get(&server, "/x?size=100000", "Range: bytes=5-9\r\nIf-Range: \"99999\"\r\n");
    assert!(changed.0.starts_with("HTTP/1.1 200 ") && changed.1 == whole);
    let (head, body) = get(&server, "/x?size=10", "Range: bytes=10-\r\n");
    assert!(head.starts_with("HTTP/1.1 416 ") && head.contains("bytes */10"), "{head}");
    assert!(body.is_empty());
}

#[test]
fn a_bad_query_is_a_400_that_says_why() {
    let server = LabServer::start().unwrap();
    let (head, body) = get(&server, "/x?latency=fast", "");
    assert!(head.starts_with("HTTP/1.1 400 "), "{head}");
    assert!(String::from_utf8(body).unwrap().contains("write 100ms"));
    let mut socket = connect(&server);
    socket.write_all(b"nonsense\r\n\r\n").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[test]
fn an_answer_comes_no_sooner_than_its_latency() {
    let server = LabServer::builder().latency(Duration::from_millis(30)).start().unwrap();
    let begun = Instant::now();
    get(&server, "/x", "");
    assert!(begun.elapsed() >= Duration::from_millis(30));
    let begun = Instant::now();
    get(&server, "/x?latency=0ms&size=1000&rate=20000", "");
    assert!(begun.elapsed() >= Duration::from_millis(30), "1000 bytes at 20000 a second");
}

#[test]
fn one_connection_carries_many_requests() {
    let server = LabServer::start().unwrap();
    let mut socket = connect(&server);
    for _ in 0..3 {
        ask(&socket, "/x?size=10", "");
        let mut answer = [0; 500];
        let mut read = 0;
        while !answer[..read].windows(14).any(|w| w.starts_with(b"\r\n\r\n")) {
            read += socket.read(&mut answer[read..]).unwrap();
        }
    }
    let stats = server.stats();
    assert_eq!((stats.connections, stats.requests), (1, 3));
}

#[test]
fn each_fault_is_the_one_that_was_asked_for() {
    let server = LabServer::start().unwrap();
    let mut text = Vec::new();

    let mut reset = connect(&server);
    ask(&reset, "/x?fault=reset", "");
    assert_eq!(reset.read_to_end(&mut text).unwrap_err().kind(), ErrorKind::ConnectionReset);

    let mut closed = connect(&server);
    ask(&closed, "/x?fault=close", "");
    assert_eq!(closed.read_to_end(&mut text).unwrap(), 0);

    assert!(get(&server, "/x?fault=garbage", "").0.contains("this is not HTTP"));
    assert_eq!(get(&server, "/x?fault=truncate", "").1, b"only this much");

    let refusing = RefusingPort::reserve().unwrap();
    assert_eq!(TcpStream::connect(refusing.address()).unwrap_err().kind(), ErrorKind::ConnectionRefused);
}

/// Windows refuses when a queue is full.
#[cfg(unix)]
#[test]
fn a_full_port_neither_takes_a_connection_nor_refuses_it() {
    let full = lab_server::FullPort::fill().unwrap();
    let error = TcpStream::connect_timeout(&full.address(), Duration::from_millis(100)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
}

#[test]
fn a_hanging_request_ends_with_its_client_or_with_the_server() {
    let server = LabServer::start().unwrap();
    let impatient = connect(&server);
    ask(&impatient, "/x?fault=hang", "");
    server.wait_until(SOON, |stats| stats.in_flight == 1).expect("the request has arrived");
    drop(impatient);
    server.wait_until(SOON, |stats| stats.open == 0).expect("the server notices that the client is gone");

    let patient = connect(&server);
    ask(&patient, "/x?fault=hang", "");
    server.wait_until(SOON, |stats| stats.in_flight == 1).expect("the request has arrived");
    drop(server);
    assert_eq!((&patient).read(&mut [0; 8]).unwrap_or(0), 0, "the server's end cuts the connection");
}

#[test]
fn the_limit_is_kept_and_the_rest_waits() {
    let server = LabServer::builder().limit(2).start().unwrap();
    thread::scope(|clients| {
        for _ in 0..6 {
            clients.spawn(|| get(&server, "/x?hold=yes", ""));
        }
        let full = server.wait_until(SOON, |stats| stats.in_flight == 6 && stats.working == 2);
        full.expect("six in flight, two of them worked on");
        server.release();
    });
    let stats = server.stats();
    assert_eq!((stats.peak_in_flight, stats.peak_working, stats.requests), (6, 2, 6));
}

#[test]
fn over_the_limit_is_a_503_with_retry_after_when_asked() {
    let server = LabServer::builder().limit(1).reject_over_limit().start().unwrap();
    let held = connect(&server);
    ask(&held, "/x?hold=yes", "");
    server.wait_until(SOON, |stats| stats.working == 1).expect("the place is taken");
    let (head, _) = get(&server, "/x", "");
    assert!(head.starts_with("HTTP/1.1 503 ") && head.contains("Retry-After: 1\r\n"), "{head}");
    assert_eq!(server.stats().rejected, 1);
}

#[test]
fn the_first_two_fail_and_the_third_does_not() {
    let server = LabServer::start().unwrap();
    let ok = || get(&server, "/x?fail=2", "").0.starts_with("HTTP/1.1 200");
    assert_eq!([ok(), ok(), ok()], [false, false, true]);
}

#[test]
fn what_looks_random_follows_from_the_seed() {
    let failures = |seed| -> Vec<bool> {
        let server = LabServer::builder().seed(seed).start().unwrap();
        (0..64).map(|_| get(&server, "/x?flaky=50", "").0.starts_with("HTTP/1.1 503")).collect()
    };
    let first = failures(7);
    assert_eq!(first, failures(7));
    assert_ne!(first, failures(8));
    assert!(first.contains(&true) && first.contains(&false));
}

#[test]
fn dropping_the_server_leaves_no_thread_and_no_open_port() {
    let server = LabServer::start().unwrap();
    let idle = connect(&server);
    server.wait_until(SOON, |stats| stats.open == 1).expect("accepted");
    let address = server.address();
    drop(server);
    assert!(TcpStream::connect(address).is_err());
    drop(idle);
}

#[test]
fn a_huge_rate_takes_no_more_memory_than_a_small_one() {
    let server = LabServer::start().unwrap();
    let mut socket = connect(&server);
    ask(&socket, "/x?size=800000000&rate=40000000000", "");
    let mut first = [0; 4096];
    socket.read_exact(&mut first).unwrap();
    #[cfg(target_os = "linux")]
    {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let peak: u64 = peak.split_whitespace().next().unwrap().parse().unwrap();
        // Tests of this file run in one process at the same time; a piece of 800 MB would
        // be seen all the same.
        assert!(peak < 400_000, "{peak} kB");
    }
}

#[cfg(feature = "tls")]
#[test]
fn a_tls_server_greets_with_a_certificate() {
    let server = LabServer::builder().self_signed().start().unwrap();
    assert!(server.url("/").starts_with("https://127.0.0.1:"));
    // A client that does not speak TLS gets an alert (record type 21) and no HTTP.
    let mut socket = connect(&server);
    // In one write: the server may be gone before a second one.
    socket.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut first = [0; 1];
    socket.read_exact(&mut first).unwrap();
    assert_eq!(first[0], 21);
}
