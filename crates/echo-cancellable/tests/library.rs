//! The server as a library: bound, run and stopped without a process or a signal.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use echo_cancellable::bell::{Bell, Woken, readable};
use echo_cancellable::connection::{Connection, End, GOODBYE};
use echo_cancellable::{Options, Server};

#[test]
fn it_runs_once_and_ends_when_it_is_stopped() {
    for _ in 0..20 {
        let server = Server::bind("127.0.0.1:0").unwrap();
        let addr = server.local_addr();
        thread::scope(|scope| {
            let running = scope.spawn(|| server.run());
            let mut client = TcpStream::connect(addr).unwrap();
            client.write_all(b"hello").unwrap();
            client.read_exact(&mut [0; 5]).unwrap();
            server.stop_handle().stop();
            server.stop_handle().stop();
            let mut heard = Vec::new();
            client.read_to_end(&mut heard).unwrap();
            assert_eq!(heard, GOODBYE);
            drop(client);
            running.join().unwrap().unwrap();
        });
        assert_eq!(server.goodbyes(), 1);
        assert!(TcpStream::connect(addr).is_err());
        assert!(server.run().is_err());
    }
}

#[test]
fn stopped_before_it_runs_it_still_says_goodbye_to_whoever_knocked() {
    let server = Server::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(server.local_addr()).unwrap();
    server.stop_handle().stop();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut heard = Vec::new();
            client.read_to_end(&mut heard).unwrap();
            assert_eq!(heard, GOODBYE);
            drop(client);
        });
        server.run().unwrap();
    });
    assert_eq!(server.goodbyes(), 1);
}

#[test]
fn it_stops_while_it_waits_for_room() {
    let server =
        Server::bind_with("127.0.0.1:0", Options { max_connections: 1, ..Options::default() }).unwrap();
    thread::scope(|scope| {
        let running = scope.spawn(|| server.run().unwrap());
        let mut client = TcpStream::connect(server.local_addr()).unwrap();
        client.write_all(b"hello").unwrap();
        client.read_exact(&mut [0; 5]).unwrap();
        // The only seat is taken, so the one who accepts waits for it; the bell must wake that wait, too.
        server.stop_handle().stop();
        client.read_to_end(&mut Vec::new()).unwrap();
        drop(client);
        running.join().unwrap();
    });
}

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client, listener.accept().unwrap().0)
}

#[test]
fn cancel_ends_a_connection_whatever_it_waits_for() {
    for deaf in [false, true] {
        let (mut client, stream) = pair();
        let bell = Bell::new().unwrap();
        let connection = Arc::new(Connection::new(stream, Duration::MAX, None).unwrap());
        thread::scope(|scope| {
            let served = scope.spawn(|| connection.serve(&bell, |_| {}));
            client.write_all(b"hello").unwrap();
            client.read_exact(&mut [0; 5]).unwrap();
            if deaf {
                // Until nothing fits any more: the thread is blocked in a write.
                client.set_write_timeout(Some(Duration::from_millis(100))).unwrap();
                while client.write_all(&[0; 4096]).is_ok() {}
            }
            connection.cancel();
            match served.join().unwrap() {
                Ok(End::Closed) => assert!(!deaf),
                Ok(end) => panic!("{end:?}"),
                Err(_) => assert!(deaf),
            }
        });
    }
}

#[test]
fn a_client_that_is_slow_to_read_is_waited_for_until_it_has_everything() {
    const SENT: usize = 256 * 1024;
    let grace = Duration::from_secs(60);
    let (mut client, stream) = pair();
    let bell = Bell::new().unwrap();
    let connection = Connection::new(stream, grace, None).unwrap();
    let (echoed, echoes) = channel();
    thread::scope(|scope| {
        let bell = &bell;
        // The connection goes with the thread: it is closed when that ends.
        let served = scope.spawn(move || connection.serve(bell, |bytes| echoed.send(bytes.len()).unwrap()));
        // More than the client's system takes in while nobody reads: the rest of the echoes waits on the server's side.
        client.write_all(&[b'x'; SENT]).unwrap();
        let mut left = SENT;
        while left > 0 {
            left -= echoes.recv().unwrap();
        }
        bell.ring();
        // Others, who were sent nothing but the goodbye, are waited for as long as silence means anything. They do not close.
        for _ in 0..3 {
            let (_other, stream) = pair();
            assert_eq!(
                Connection::new(stream, grace, None).unwrap().serve(bell, |_| {}).unwrap(),
                End::Goodbye
            );
        }
        // If the server had closed, this would be answered with a reset, and all that waits would be lost.
        client.write_all(b"one more").unwrap();
        let mut heard = Vec::new();
        client.read_to_end(&mut heard).unwrap();
        assert!(heard == [&[b'x'; SENT], GOODBYE].concat(), "{} bytes", heard.len());
        drop(client);
        assert_eq!(served.join().unwrap().unwrap(), End::Goodbye);
    });
}

#[test]
fn everybody_hears_the_bell_and_it_never_stops() {
    let bell = Bell::new().unwrap();
    let (client, stream) = pair();
    let now = Some(Duration::ZERO);
    assert_eq!(bell.wait(&stream, now).unwrap(), Woken::TimedOut);
    (&client).write_all(b"hello").unwrap();
    assert_eq!(bell.wait(&stream, None).unwrap(), Woken::Readable);
    assert_eq!(bell.rung(), None);
    thread::scope(|scope| {
        let (_silent, other) = pair();
        let waiting: Vec<_> = (0..3)
            .map(|_| (other.try_clone().unwrap(), &bell))
            .map(|(other, bell)| scope.spawn(move || bell.wait(&other, None).unwrap()))
            .collect();
        bell.ring();
        bell.ring();
        assert!(waiting.into_iter().all(|thread| thread.join().unwrap() == Woken::Bell));
        assert_eq!(bell.wait(&other, None).unwrap(), Woken::Bell);
    });
    assert!(bell.rung().is_some());
    assert!(readable(&stream, Duration::ZERO).unwrap());
    assert!(!readable(&client, Duration::ZERO).unwrap());
}
