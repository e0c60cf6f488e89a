//! `std::net`, watched: what a program does with its TCP sockets, and how often it polls them.
//!
//! Behind these sockets are real ones. What those may do but rarely do, these do every time: a
//! write takes part of what it is given, and, when a scenario asks for it, `accept` fails, a client is
//! gone before its socket is used, a write has to wait for room, or a thread is held before a write
//! or after a read that found nothing.

#![allow(missing_docs, clippy::missing_errors_doc, reason = "everything is as in std")]

use super::Watch;
use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub use std::net::*;

pub struct TcpListener {
    real: std::net::TcpListener,
    watch: Watch,
}

impl TcpListener {
    pub fn bind(addr: impl ToSocketAddrs) -> io::Result<TcpListener> {
        Ok(TcpListener { real: std::net::TcpListener::bind(addr)?, watch: Watch::current() })
    }

    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.real.local_addr()
    }

    pub fn try_clone(&self) -> io::Result<TcpListener> {
        Ok(TcpListener { real: self.real.try_clone()?, watch: self.watch.clone() })
    }

    pub fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        if let Some(kind) = self.watch.accept_fails() {
            return Err(kind.into());
        }
        let accepted = self.real.accept();
        if accepted.as_ref().is_err_and(is_empty) {
            self.watch.polled(None);
        }
        let (stream, addr) = accepted?;
        // Pieces of a write would wait for each other's acknowledgement.
        stream.set_nodelay(true)?;
        let stream = TcpStream::new(stream, &self.watch);
        stream.limits.gone.store(self.watch.is_gone(), SeqCst);
        Ok((stream, addr))
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
    real: std::net::TcpStream,
    watch: Watch,
    limits: Arc<Limits>,
}

/// What a socket and its clones share: how long it waits, as it was set, since the system rounds it.
#[derive(Default)]
struct Limits {
    read: Mutex<Option<Duration>>,
    write: Mutex<Option<Duration>>,
    nonblocking: AtomicBool,
    /// Its client has broken the connection.
    gone: AtomicBool,
}

impl Limits {
    /// What a call on a socket is told whose client is gone; which calls fail depends on the system.
    fn is_there(&self) -> io::Result<()> {
        if self.gone.load(SeqCst) { Err(ErrorKind::NotConnected.into()) } else { Ok(()) }
    }

    fn of(&self, limit: &Mutex<Option<Duration>>) -> Option<Duration> {
        if self.nonblocking.load(SeqCst) { Some(Duration::ZERO) } else { *limit.lock().unwrap() }
    }
}

impl TcpStream {
    fn new(real: std::net::TcpStream, watch: &Watch) -> TcpStream {
        watch.opened();
        TcpStream { real, watch: watch.clone(), limits: Arc::default() }
    }

    pub fn connect(addr: impl ToSocketAddrs) -> io::Result<TcpStream> {
        let stream = TcpStream::new(std::net::TcpStream::connect(addr)?, &Watch::current());
        stream.watch.has_woken();
        Ok(stream)
    }

    pub fn connect_timeout(addr: &SocketAddr, limit: Duration) -> io::Result<TcpStream> {
        let stream = std::net::TcpStream::connect_timeout(addr, limit)?;
        let stream = TcpStream::new(stream, &Watch::current());
        stream.watch.has_woken();
        Ok(stream)
    }

    pub fn try_clone(&self) -> io::Result<TcpStream> {
        let mut other = TcpStream::new(self.real.try_clone()?, &self.watch);
        other.limits = Arc::clone(&self.limits);
        Ok(other)
    }

    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.limits.is_there()?;
        self.real.peer_addr()
    }

    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.real.local_addr()
    }

    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.real.shutdown(how)?;
        self.watch.has_woken();
        Ok(())
    }

    pub fn set_read_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        self.limits.is_there()?;
        self.real.set_read_timeout(limit)?;
        *self.limits.read.lock().unwrap() = limit;
        self.watch.reads_wait_at_most(limit);
        Ok(())
    }

    pub fn read_timeout(&self) -> io::Result<Option<Duration>> {
        self.real.read_timeout()
    }

    pub fn set_write_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        self.limits.is_there()?;
        self.real.set_write_timeout(limit)?;
        *self.limits.write.lock().unwrap() = limit;
        Ok(())
    }

    pub fn write_timeout(&self) -> io::Result<Option<Duration>> {
        self.real.write_timeout()
    }

    pub fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        self.real.set_nonblocking(nonblocking)?;
        self.limits.nonblocking.store(nonblocking, SeqCst);
        if nonblocking {
            self.watch.reads_wait_at_most(Some(Duration::ZERO));
        }
        Ok(())
    }

    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.limits.is_there()?;
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
        self.limits.is_there()?;
        self.looked(self.real.peek(bytes))
    }

    fn looked(&self, outcome: io::Result<usize>) -> io::Result<usize> {
        if outcome.as_ref().is_err_and(is_empty) {
            // Without blocking, the thread waits elsewhere, or not at all, which its time shows.
            let limit = *self.limits.read.lock().unwrap();
            let limit = limit.filter(|_| !self.limits.nonblocking.load(SeqCst));
            self.watch.found_nothing(&self.real, limit);
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
        self.watch.closed();
    }
}

impl Read for &TcpStream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.limits.is_there()?;
        let outcome = self.looked((&self.real).read(bytes));
        self.watch.has_read(*outcome.as_ref().unwrap_or(&0));
        outcome
    }
}

impl Write for &TcpStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.limits.is_there()?;
        self.watch.is_about_to_write(&self.real);
        self.watch.wait_for_room(self.limits.of(&self.limits.write))?;
        (&self.real).write(&bytes[..bytes.len().div_ceil(2)])
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

/// Whether bytes wait to be read. Never blocks, whatever the socket does for others.
#[cfg(unix)]
pub(super) fn has_unread(socket: &std::net::TcpStream) -> bool {
    use std::os::fd::AsRawFd;
    let mut byte = 0_u8;
    let flags = libc::MSG_PEEK | libc::MSG_DONTWAIT;
    // SAFETY: the descriptor is open while `socket` is borrowed, and there is room for one byte.
    unsafe { libc::recv(socket.as_raw_fd(), (&raw mut byte).cast(), 1, flags) == 1 }
}

/// Whether bytes wait to be read. Blocks for a moment where another thread reads them first.
#[cfg(not(unix))]
pub(super) fn has_unread(socket: &std::net::TcpStream) -> bool {
    let before = socket.read_timeout().unwrap_or_default();
    let _ = socket.set_read_timeout(Some(super::MOMENT));
    let has = matches!(socket.peek(&mut [0]), Ok(1..));
    let _ = socket.set_read_timeout(before);
    has
}

/// Whether it says that nothing was there.
fn is_empty(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

#[cfg(unix)]
mod descriptors {
    use super::{TcpListener, TcpStream};
    use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

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
    use std::os::windows::io::{AsRawSocket, AsSocket, BorrowedSocket, RawSocket};

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
