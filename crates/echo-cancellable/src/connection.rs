//! One client: its thread echoes, and is the only one that ever writes to it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use rustix::io::ioctl_fionread;

use crate::bell::{Bell, PollFlags, Woken, ready};

/// What a client hears last.
pub const GOODBYE: &[u8] = b"Shutting down!";

/// A client that is busy is read without a `poll`; one that is silent for this long is idle.
const BUSY: Duration = Duration::from_millis(20);

/// A client that is silent for this long after its goodbye has no more bytes on the way.
const SILENCE: Duration = Duration::from_millis(100);

/// So many bytes have room in every client's system, whether the client reads them or not.
const ROOM: usize = 512;

/// A client's socket. One thread calls [`serve`](Self::serve); any thread may call [`cancel`](Self::cancel).
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    grace: Duration,
    idle: Option<Duration>,
}

/// How a connection ended that did not break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The client closed its side; all it sent was echoed.
    Closed,
    /// The bell rang; all that had arrived was echoed, and the system took the goodbye. If the client read it, only it knows.
    Goodbye,
    /// The client was silent for longer than it may be.
    Idle,
}

impl Connection {
    /// Prepares a client that has been accepted. One that is silent, or does not read, for longer than `idle` is closed.
    ///
    /// # Errors
    /// The system refuses an option: the client is gone already.
    pub fn new(stream: TcpStream, grace: Duration, idle: Option<Duration>) -> io::Result<Self> {
        // macOS and Windows hand the listener's mode on to what it accepts.
        stream.set_nonblocking(false)?;
        // Or the last piece of an echo waits until the client acknowledges the one before, which takes up to 40 ms.
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(BUSY))?;
        // Windows does not promise that a shutdown ends a send that blocks; a time-out does.
        stream.set_write_timeout(idle.or(cfg!(windows).then_some(grace)))?;
        Ok(Self { stream, grace, idle })
    }

    /// Ends the connection from another thread: a read, a write or a wait that blocks returns at once.
    pub fn cancel(&self) {
        // An error means that it has ended already.
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Echoes until the client closes, or `bell` rings and the goodbye has been said. `on_echo` sees each piece.
    ///
    /// # Errors
    /// The connection broke, was cancelled, or the client did not read for longer than it may.
    pub fn serve(&self, bell: &Bell, mut on_echo: impl FnMut(&[u8])) -> io::Result<End> {
        let mut stream = &self.stream;
        let mut bytes = [0; 2048];
        let mut busy = false;
        let mut echoed = 0;
        loop {
            if let Some(rung) = bell.rung() {
                return self.say_goodbye(&mut bytes, rung + self.grace, echoed, on_echo);
            }
            if !busy {
                match bell.wait(stream, self.idle)? {
                    Woken::Bell => continue,
                    Woken::TimedOut => return Ok(End::Idle),
                    // A busy client's next read may block, but only for `BUSY`: this saves one system call in three.
                    // Windows does not promise that a socket is usable after a time-out; there, every read waits first.
                    Woken::Readable => busy = cfg!(not(windows)),
                }
            }
            match read(stream, &mut bytes) {
                Ok(0) => return Ok(End::Closed),
                Ok(n) => {
                    stream.write_all(&bytes[..n])?;
                    on_echo(&bytes[..n]);
                    echoed += n;
                }
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    busy = false;
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn say_goodbye(
        &self,
        bytes: &mut [u8],
        until: Instant,
        mut echoed: usize,
        mut on_echo: impl FnMut(&[u8]),
    ) -> io::Result<End> {
        let mut stream = &self.stream;
        // What has arrived is owed its echo. It is measured once, and has half of the time: a client that never stops
        // sending must not hold us up, and a goodbye that nobody has time left to read is none.
        let mut owed = usize::try_from(ioctl_fionread(stream)?).unwrap_or(usize::MAX);
        while owed > 0 && Instant::now() < until - self.grace / 2 {
            let most = owed.min(bytes.len());
            let n = read(stream, &mut bytes[..most])?;
            if n == 0 {
                break;
            }
            stream.write_all(&bytes[..n])?;
            on_echo(&bytes[..n]);
            (owed, echoed) = (owed - n, echoed + n);
        }
        stream.write_all(GOODBYE)?;
        stream.shutdown(Shutdown::Write)?;
        // To close a socket that holds unread bytes, or that more bytes reach, is to reset it, and a reset destroys what
        // still waits on our side for a client that is slow to read. So what comes is read and forgotten, until the client
        // closes too or has had its time. Silence is no sign that it has everything, unless that was never much.
        let silence = if echoed <= ROOM { SILENCE } else { self.grace };
        while ready(stream, PollFlags::IN, silence.min(until.saturating_duration_since(Instant::now())))?
            && matches!(read(stream, bytes), Ok(1..))
        {}
        Ok(End::Goodbye)
    }
}

fn read(mut stream: &TcpStream, bytes: &mut [u8]) -> io::Result<usize> {
    loop {
        match stream.read(bytes) {
            // A signal was handled on this thread.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
