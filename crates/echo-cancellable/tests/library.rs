//! The server as a library: bound, run and stopped without a process or a signal.

use std::cell::Cell;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use echo_cancellable::bell::{Bell, PollFlags, Woken, ready};
use echo_cancellable::connection::{Connection, End, GOODBYE};
use echo_cancellable::log::Log;
use echo_cancellable::{Options, Server};
use rustix::io::ioctl_fionread;
use rustix::net::sockopt;

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

/// A client that has sent 32 KiB and does not read, and a stream for the server with all of that in it. Both systems together
/// have room for a few kilobytes of echoes: whenever the stream is served, a write finds no room, and never will.
fn pair_that_never_reads() -> (TcpStream, TcpStream) {
    const SENT: usize = 32 * 1024;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    // Before anybody connects: who is accepted has the listener's size, and no larger window was ever promised.
    sockopt::set_socket_recv_buffer_size(&listener, 2048).unwrap();
    // It does not matter who connects; so the server has the other end.
    let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    sockopt::set_socket_send_buffer_size(&stream, 2048).unwrap();
    let mut client = listener.accept().unwrap().0;
    client.write_all(&[b'x'; SENT]).unwrap();
    wait_until("all has arrived", || ioctl_fionread(&stream).unwrap() == SENT as u64);
    (client, stream)
}

fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let hangs = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < hangs, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn cancel_ends_a_connection_that_waits_for_bytes() {
    let (mut client, stream) = pair();
    let bell = Bell::new().unwrap();
    let connection = Connection::new(stream, Duration::MAX, None).unwrap();
    thread::scope(|scope| {
        let served = scope.spawn(|| connection.serve(&bell, |_| {}));
        client.write_all(b"hello").unwrap();
        client.read_exact(&mut [0; 5]).unwrap();
        connection.cancel();
        assert_eq!(served.join().unwrap().unwrap(), End::Closed);
    });
}

#[test]
fn cancel_ends_a_connection_that_waits_for_room_and_that_is_no_goodbye() {
    for rung in [false, true] {
        let (_client, stream) = pair_that_never_reads();
        let writable = stream.try_clone().unwrap();
        let bell = Bell::new().unwrap();
        if rung {
            bell.ring();
        }
        let connection = Connection::new(stream, Duration::from_secs(86_400), None).unwrap();
        thread::scope(|scope| {
            let served = scope.spawn(|| connection.serve(&bell, |_| {}));
            wait_until("no room is left", || !ready(&writable, PollFlags::OUT, Duration::ZERO).unwrap());
            connection.cancel();
            served.join().unwrap().unwrap_err();
        });
    }
}

#[test]
fn a_goodbye_is_said_when_the_system_has_it_whether_or_not_the_client_reads() {
    let (_client_that_does_nothing, stream) = pair();
    let bell = Bell::new().unwrap();
    bell.ring();
    let connection = Connection::new(stream, Duration::from_secs(60), None).unwrap();
    assert_eq!(connection.serve(&bell, |_| {}).unwrap(), End::Goodbye);
}

#[test]
fn a_client_that_does_not_read_for_too_long_is_given_up() {
    let (_client, stream) = pair_that_never_reads();
    let bell = Bell::new().unwrap();
    let idle = Some(Duration::from_millis(100));
    let connection = Connection::new(stream, Duration::from_secs(60), idle).unwrap();
    let error = connection.serve(&bell, |_| {}).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
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
    assert!(ready(&stream, PollFlags::IN, Duration::ZERO).unwrap());
    assert!(!ready(&client, PollFlags::IN, Duration::ZERO).unwrap());
}

/// Takes nothing until it is allowed to.
struct Paused(Receiver<()>, Sender<Vec<u8>>);

impl Write for Paused {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.recv();
        let _ = self.1.send(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_last_line_is_waited_for_unless_it_is_stuck() {
    for stuck in [false, true] {
        let (goes_on, pause) = channel();
        let (taken, lines) = channel();
        let (log, printer) = Log::to(Paused(pause, taken));
        log.line(|| "the last".into());
        drop(log);
        let asked = Cell::new(0);
        printer.finish(Duration::from_millis(1), || {
            asked.set(asked.get() + 1);
            if asked.get() == 3 && !stuck {
                goes_on.send(()).unwrap();
            }
            stuck
        });
        if stuck {
            assert_eq!(asked.get(), 1);
            assert!(lines.try_recv().is_err());
        } else {
            assert_eq!(lines.try_recv().unwrap(), b"the last\n");
        }
    }
}
