//! `std::net`, watched: what a server does with its sockets, and how often it looks in vain.
//!
//! The check calls itself `std`, and this module stands where `std::net` was. Behind these sockets are the real ones. What those may do, and
//! rarely do while somebody looks, these do for certain: a large write takes a part of what it is given, and when a test wants it,
//! `accept` says that a client has broken off at the door, and a thread is held up within a write, or a read in vain.

use crate::threads::Started;
use real::fmt;
use real::io::{self, ErrorKind, Read, Write};
use real::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use real::sync::{Arc, Mutex};
use real::time::Duration;

pub use real::net::*;

/// A write of so many bytes takes half of them.
const LARGE: usize = 1000;

type Call = Arc<dyn Fn(&real::net::TcpStream) + Send + Sync>;

/// The sockets of one server.
#[derive(Default)]
pub struct Watched {
    open: AtomicUsize,
    looks_in_vain: AtomicUsize,
    /// The shortest time-out that has run out, or sleep.
    shortest: Mutex<Option<Duration>>,
    accept_fails: AtomicBool,
    before_write: Mutex<Option<Call>>,
    after_read_in_vain: Mutex<Option<Call>>,
    /// Somebody does not want to wait in a read until bytes come.
    looks_now_and_then: AtomicBool,
    /// Where the system says how long each thread has run.
    threads: Mutex<Vec<String>>,
}

impl Watched {
    /// How many connections the server has open, each handle to them counted.
    pub fn open(&self) -> usize {
        self.open.load(SeqCst)
    }

    /// How often somebody has slept, or got nothing from a socket, and the shortest time that such a wait had.
    pub fn looks_in_vain(&self) -> (usize, Option<Duration>) {
        (self.looks_in_vain.load(SeqCst), *self.shortest.lock().unwrap())
    }

    /// From now on.
    pub fn forget_looks(&self) {
        self.looks_in_vain.store(0, SeqCst);
        *self.shortest.lock().unwrap() = None;
    }

    pub fn in_vain(&self, time_out: Option<Duration>) {
        self.looks_in_vain.fetch_add(1, SeqCst);
        let mut shortest = self.shortest.lock().unwrap();
        *shortest = [*shortest, time_out].into_iter().flatten().min();
    }

    /// The next `accept` that is called finds a client that has broken off.
    pub fn accept_fails_once(&self) {
        self.accept_fails.store(true, SeqCst);
    }

    /// The server's threads call this before each write, with the socket to which they are about to write.
    pub fn before_each_write(&self, call: impl Fn(&real::net::TcpStream) + Send + Sync + 'static) {
        *self.before_write.lock().unwrap() = Some(Arc::new(call));
    }

    /// The server's threads call this after each read that found nothing, before they hear of it.
    pub fn after_each_read_in_vain(&self, call: impl Fn(&real::net::TcpStream) + Send + Sync + 'static) {
        *self.after_read_in_vain.lock().unwrap() = Some(Arc::new(call));
    }

    /// Whether a connection of the server has a time-out for reading, or does not block.
    pub fn looks_now_and_then(&self) -> bool {
        self.looks_now_and_then.load(SeqCst)
    }

    pub fn count_time_of_this_thread(&self) {
        // Only Linux says it in a file.
        if let Ok(thread) = real::fs::read_link("/proc/thread-self") {
            self.threads.lock().unwrap().push(format!("/proc/{}/schedstat", thread.display()));
        }
    }

    /// How long a processor has worked for the server's threads; none where the system does not say it.
    pub fn processor_time(&self) -> Duration {
        let nanoseconds = |file: &String| {
            let text = real::fs::read_to_string(file).ok()?;
            text.split(' ').next()?.parse().ok()
        };
        self.threads.lock().unwrap().iter().filter_map(nanoseconds).map(Duration::from_nanos).sum()
    }
}

pub struct TcpListener {
    real: real::net::TcpListener,
    list: Started,
}

impl TcpListener {
    pub fn bind(addr: impl ToSocketAddrs) -> io::Result<TcpListener> {
        Ok(TcpListener { real: real::net::TcpListener::bind(addr)?, list: Started::current() })
    }

    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.real.local_addr()
    }

    pub fn try_clone(&self) -> io::Result<TcpListener> {
        Ok(TcpListener { real: self.real.try_clone()?, list: self.list.clone() })
    }

    pub fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        self.list.adopt_if_new();
        let sockets = self.list.sockets();
        if sockets.accept_fails.swap(false, SeqCst) {
            return Err(ErrorKind::ConnectionAborted.into());
        }
        let accepted = self.real.accept();
        if accepted.as_ref().is_err_and(is_in_vain) {
            sockets.in_vain(None);
        }
        let (stream, addr) = accepted?;
        // Halves of a write would wait for each other's acknowledgement.
        stream.set_nodelay(true)?;
        Ok((TcpStream::new(stream, &self.list), addr))
    }

    pub fn incoming(&self) -> Incoming<'_> {
        Incoming { listener: self }
    }

    pub fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        self.real.set_nonblocking(nonblocking)
    }

    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.real.set_ttl(ttl)
    }

    pub fn ttl(&self) -> io::Result<u32> {
        self.real.ttl()
    }

    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.real.take_error()
    }
}

impl fmt::Debug for TcpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.real.fmt(f)
    }
}

#[derive(Debug)]
pub struct Incoming<'a> {
    listener: &'a TcpListener,
}

impl Iterator for Incoming<'_> {
    type Item = io::Result<TcpStream>;

    fn next(&mut self) -> Option<io::Result<TcpStream>> {
        Some(self.listener.accept().map(|(stream, _)| stream))
    }
}

pub struct TcpStream {
    real: real::net::TcpStream,
    list: Started,
    /// As it was set: the system rounds it.
    read_limit: Arc<Mutex<Option<Duration>>>,
}

impl TcpStream {
    fn new(real: real::net::TcpStream, list: &Started) -> TcpStream {
        list.sockets().open.fetch_add(1, SeqCst);
        TcpStream { real, list: list.clone(), read_limit: Arc::default() }
    }

    pub fn connect(addr: impl ToSocketAddrs) -> io::Result<TcpStream> {
        Ok(TcpStream::new(real::net::TcpStream::connect(addr)?, &Started::current()))
    }

    pub fn connect_timeout(addr: &SocketAddr, limit: Duration) -> io::Result<TcpStream> {
        Ok(TcpStream::new(real::net::TcpStream::connect_timeout(addr, limit)?, &Started::current()))
    }

    pub fn try_clone(&self) -> io::Result<TcpStream> {
        let mut other = TcpStream::new(self.real.try_clone()?, &self.list);
        other.read_limit = Arc::clone(&self.read_limit);
        Ok(other)
    }

    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.real.peer_addr()
    }

    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.real.local_addr()
    }

    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.real.shutdown(how)
    }

    pub fn set_read_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        self.real.set_read_timeout(limit)?;
        *self.read_limit.lock().unwrap() = limit;
        self.list.sockets().looks_now_and_then.fetch_or(limit.is_some(), SeqCst);
        Ok(())
    }

    pub fn read_timeout(&self) -> io::Result<Option<Duration>> {
        self.real.read_timeout()
    }

    pub fn set_write_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        self.real.set_write_timeout(limit)
    }

    pub fn write_timeout(&self) -> io::Result<Option<Duration>> {
        self.real.write_timeout()
    }

    pub fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        self.list.sockets().looks_now_and_then.fetch_or(nonblocking, SeqCst);
        self.real.set_nonblocking(nonblocking)
    }

    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.real.set_nodelay(nodelay)
    }

    pub fn nodelay(&self) -> io::Result<bool> {
        self.real.nodelay()
    }

    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.real.set_ttl(ttl)
    }

    pub fn ttl(&self) -> io::Result<u32> {
        self.real.ttl()
    }

    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.real.take_error()
    }

    pub fn peek(&self, bytes: &mut [u8]) -> io::Result<usize> {
        self.list.adopt_if_new();
        self.looked(self.real.peek(bytes))
    }

    fn looked(&self, outcome: io::Result<usize>) -> io::Result<usize> {
        if outcome.as_ref().is_err_and(is_in_vain) {
            self.list.sockets().in_vain(*self.read_limit.lock().unwrap());
        }
        outcome
    }
}

impl fmt::Debug for TcpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.real.fmt(f)
    }
}

impl Drop for TcpStream {
    fn drop(&mut self) {
        self.list.sockets().open.fetch_sub(1, SeqCst);
    }
}

impl Read for &TcpStream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.list.adopt_if_new();
        let outcome = self.looked((&self.real).read(bytes));
        if outcome.as_ref().is_err_and(is_in_vain) {
            let call = self.list.sockets().after_read_in_vain.lock().unwrap().clone();
            call.into_iter().for_each(|call| call(&self.real));
        }
        outcome
    }
}

impl Write for &TcpStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.list.adopt_if_new();
        let call = self.list.sockets().before_write.lock().unwrap().clone();
        if let Some(call) = call {
            call(&self.real);
        }
        let most = if bytes.len() < LARGE { bytes.len() } else { bytes.len() / 2 };
        (&self.real).write(&bytes[..most])
    }

    fn flush(&mut self) -> io::Result<()> {
        (&self.real).flush()
    }
}

impl Read for TcpStream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        (&*self).read(bytes)
    }
}

impl Write for TcpStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self).flush()
    }
}

fn is_in_vain(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

#[cfg(unix)]
mod descriptors {
    use super::{TcpListener, TcpStream};
    use real::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

    impl AsFd for TcpStream {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.real.as_fd()
        }
    }

    impl AsRawFd for TcpStream {
        fn as_raw_fd(&self) -> RawFd {
            self.real.as_raw_fd()
        }
    }

    impl AsFd for TcpListener {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.real.as_fd()
        }
    }

    impl AsRawFd for TcpListener {
        fn as_raw_fd(&self) -> RawFd {
            self.real.as_raw_fd()
        }
    }
}

#[cfg(windows)]
mod descriptors {
    use super::{TcpListener, TcpStream};
    use real::os::windows::io::{AsRawSocket, AsSocket, BorrowedSocket, RawSocket};

    impl AsSocket for TcpStream {
        fn as_socket(&self) -> BorrowedSocket<'_> {
            self.real.as_socket()
        }
    }

    impl AsRawSocket for TcpStream {
        fn as_raw_socket(&self) -> RawSocket {
            self.real.as_raw_socket()
        }
    }

    impl AsSocket for TcpListener {
        fn as_socket(&self) -> BorrowedSocket<'_> {
            self.real.as_socket()
        }
    }

    impl AsRawSocket for TcpListener {
        fn as_raw_socket(&self) -> RawSocket {
            self.real.as_raw_socket()
        }
    }
}
