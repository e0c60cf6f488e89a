//! What is watched of a program with real threads and sockets.

use interleave::live::net::{TcpListener, TcpStream};
use interleave::live::{Watch, thread};
use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

/// A connection whose one end is watched, and the watch.
fn connection() -> (TcpStream, std::net::TcpStream, Watch) {
    let watch = Watch::default();
    watch.adopt();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (listener.accept().unwrap().0, client, watch)
}

#[test]
fn a_write_takes_half_of_what_it_is_given() {
    let (mut server, mut client, _) = connection();
    assert_eq!(server.write(b"seven b").unwrap(), 4);
    assert_eq!(server.write(b"1").unwrap(), 1);
    server.write_all(b"and the rest").unwrap();
    drop(server);
    let mut heard = String::new();
    client.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "seve1and the rest");
}

#[test]
fn a_thread_that_is_never_joined_is_named() {
    let watch = Watch::default();
    watch.adopt();
    thread::spawn(|| {}).join().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| thread::sleep(Duration::from_millis(7)));
    });
    assert_eq!(watch.not_joined(), None);
    assert_eq!(watch.polls(), (1, Some(Duration::from_millis(7))), "a thread of a scope is watched");

    let ended = thread::spawn(|| {});
    while !ended.is_finished() {
        std::thread::yield_now();
    }
    assert_eq!(watch.kept_handles(), 1);
    drop(ended);
    assert_eq!((watch.kept_handles(), watch.not_joined()), (0, None));

    let (release, released) = std::sync::mpsc::channel::<()>();
    drop(thread::Builder::new().spawn(move || released.recv()).unwrap());
    let line = line!() - 1;
    assert_eq!(watch.not_joined(), Some(format!("src/live.rs, line {line}")));
    drop(release);
}

#[test]
fn sockets_are_counted_until_they_are_dropped() {
    let (server, _client, watch) = connection();
    let other = server.try_clone().unwrap();
    assert_eq!(watch.open_sockets(), 2);
    drop((server, other));
    assert_eq!(watch.open_sockets(), 0);
}

#[test]
fn an_accept_fails_when_it_is_told_to() {
    let watch = Watch::default();
    watch.adopt();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let _client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    watch.fail_next_accept(ErrorKind::ConnectionAborted);
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::ConnectionAborted);
    assert!(listener.accept().is_ok());
}

#[test]
fn a_write_without_room_waits_as_long_as_the_socket_was_told_to() {
    let (mut server, mut client, watch) = connection();
    server.set_write_timeout(Some(Duration::from_millis(20))).unwrap();
    watch.is_full_for(Duration::from_secs(3600));
    assert_eq!(server.write(b"x").unwrap_err().kind(), ErrorKind::WouldBlock);
    server.set_nonblocking(true).unwrap();
    assert_eq!(server.write(b"x").unwrap_err().kind(), ErrorKind::WouldBlock);
    server.set_nonblocking(false).unwrap();
    server.set_write_timeout(None).unwrap();
    watch.is_full_for(Duration::from_millis(20));
    server.write_all(b"xyz").unwrap();
    assert!(watch.was_full_for() >= Duration::from_millis(20));
    let mut heard = [0; 3];
    client.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"xyz");
}

#[test]
fn a_read_that_finds_nothing_is_counted_and_what_arrives_is_seen() {
    let (mut server, mut client, watch) = connection();
    let limit = Duration::from_millis(15);
    server.set_read_timeout(Some(limit)).unwrap();
    assert_eq!(watch.longest_read(), Some(limit));
    assert!(server.read(&mut [0]).is_err() && server.peek(&mut [0]).is_err());
    assert_eq!(watch.polls(), (2, Some(limit)));
    assert_eq!(watch.polls(), (0, None));

    let (seen, arrived) = std::sync::mpsc::channel();
    let inner = watch.clone();
    watch.before_each_write(move |socket| {
        let read_before = inner.bytes_read();
        seen.send(inner.have_arrived(socket, read_before, Duration::from_millis(50))).unwrap();
    });
    server.write_all(b"!").unwrap();
    assert_eq!(arrived.recv(), Ok(false), "nothing was sent");
    client.write_all(b"?").unwrap();
    server.write_all(b"!").unwrap();
    assert_eq!(arrived.recv(), Ok(true));
    assert_eq!(server.read(&mut [0, 0]).unwrap(), 1);
    assert_eq!(watch.bytes_read(), 1);
}

#[test]
fn a_client_that_is_gone_is_noticed_at_every_call() {
    let watch = Watch::default();
    watch.adopt();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let _client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    watch.next_client_is_gone();
    let (mut server, _) = listener.accept().unwrap();
    assert!(server.peer_addr().is_err());
    assert!(server.set_read_timeout(None).is_err());
    assert!(server.write(b"x").is_err());
    let _next = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    assert!(listener.accept().unwrap().0.peer_addr().is_ok());
}

#[test]
fn a_thread_that_has_woken_another_one_pauses() {
    let (server, client, watch) = connection();
    let pause = Duration::from_millis(30);
    watch.pause_after_each_wake(pause);
    let begin = std::time::Instant::now();
    server.shutdown(std::net::Shutdown::Both).unwrap();
    assert!(begin.elapsed() >= pause);
    drop(client);
}
