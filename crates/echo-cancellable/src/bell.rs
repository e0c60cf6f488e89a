//! A bell that everybody hears and that never stops ringing.
//!
//! A thread that is blocked in a read hears nothing else. So before it blocks for long it waits for either of two things,
//! its socket or the bell, with one call to `poll`. The bell is a UDP socket that is connected to itself: ringing is a
//! message that nobody takes out, so the socket stays readable for every thread, those that wait and those to come. One
//! descriptor serves all threads; it is opened before the first client, so there is one even when descriptors run out.

use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, Timespec, poll};
use rustix::fd::AsFd;
use rustix::io::Errno;

pub use rustix::event::PollFlags;

/// How long a message to oneself can take.
const HEARD: Duration = Duration::from_millis(10);

/// See the [module](self).
#[derive(Debug)]
pub struct Bell {
    socket: UdpSocket,
    rung: OnceLock<Instant>,
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// The socket has something to read: bytes, the end of the stream, an error or, if it listens, a client.
    Readable,
    /// The bell rang.
    Bell,
    /// Neither, for as long as the caller was willing to wait.
    TimedOut,
}

impl Bell {
    /// A silent bell.
    ///
    /// # Errors
    /// The system has no socket for it.
    pub fn new() -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        // Connected to itself, it takes no message from anyone else.
        socket.connect(socket.local_addr()?)?;
        Ok(Self { socket, rung: OnceLock::new() })
    }

    /// Wakes everybody, now and from now on. Ringing twice is ringing once.
    pub fn ring(&self) {
        if self.rung.set(Instant::now()).is_ok() {
            // A system that is short of memory may drop a message even here, without a word: again until it is heard.
            loop {
                let _ = self.socket.send(&[1]);
                if matches!(ready(&self.socket, PollFlags::IN, HEARD), Ok(true)) {
                    break;
                }
            }
        }
    }

    /// When it was rung, if it was.
    pub fn rung(&self) -> Option<Instant> {
        self.rung.get().copied()
    }

    /// Blocks until `socket` can be read or the bell rings, or until `patience`, if any, is over.
    ///
    /// # Errors
    /// What the system says of `poll`.
    pub fn wait(&self, socket: &impl AsFd, patience: Option<Duration>) -> io::Result<Woken> {
        let mut both = [PollFd::new(&self.socket, PollFlags::IN), PollFd::new(socket, PollFlags::IN)];
        Ok(match first_ready(&mut both, patience)? {
            None => Woken::TimedOut,
            Some(0) => Woken::Bell,
            Some(_) => Woken::Readable,
        })
    }
}

/// Blocks until `file` can be read ([`PollFlags::IN`]) or written to ([`PollFlags::OUT`]) or is broken, whatever the bell does:
/// `false` if `patience` ended first.
///
/// # Errors
/// What the system says of `poll`.
pub fn ready(file: &impl AsFd, flags: PollFlags, patience: Duration) -> io::Result<bool> {
    Ok(first_ready(&mut [PollFd::new(file, flags)], Some(patience))?.is_some())
}

fn first_ready(sockets: &mut [PollFd<'_>], patience: Option<Duration>) -> io::Result<Option<usize>> {
    first_ready_by(poll, sockets, patience)
}

/// How long to wait before a `poll` that failed for lack of memory is tried again.
const RETRY_AFTER: Duration = Duration::from_millis(10);

fn first_ready_by(
    mut poll: impl FnMut(&mut [PollFd<'_>], Option<&Timespec>) -> Result<usize, Errno>,
    sockets: &mut [PollFd<'_>],
    patience: Option<Duration>,
) -> io::Result<Option<usize>> {
    let until = patience.map(|patience| Instant::now() + patience);
    loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let time = left.map(|left| Timespec::try_from(left).expect("a time-out of less than an aeon"));
        match poll(sockets, time.as_ref()) {
            Ok(_) => return Ok(sockets.iter().position(|socket| !socket.revents().is_empty())),
            // A signal was handled on this thread: nothing has happened to the sockets.
            Err(Errno::INTR) => {}
            // Nothing has happened here, either. The system is out of memory for the
            // moment: retry, as after a signal, or clients would lose their connection
            // without a goodbye.
            Err(Errno::NOMEM | Errno::AGAIN) if left.is_none_or(|left| left > Duration::ZERO) => {
                thread::sleep(left.unwrap_or(RETRY_AFTER).min(RETRY_AFTER));
            }
            Err(Errno::NOMEM | Errno::AGAIN) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_that_fails_for_lack_of_memory_is_retried() {
        let bell = Bell::new().unwrap();
        bell.ring();
        for failure in [Errno::INTR, Errno::NOMEM, Errno::AGAIN] {
            let mut calls = 0;
            let fails_twice = |sockets: &mut [PollFd<'_>], time: Option<&Timespec>| {
                calls += 1;
                if calls <= 2 { Err(failure) } else { poll(sockets, time) }
            };
            let mut sockets = [PollFd::new(&bell.socket, PollFlags::IN)];
            assert_eq!(first_ready_by(fails_twice, &mut sockets, None).unwrap(), Some(0), "{failure}");
            assert_eq!(calls, 3, "{failure}");
        }
    }

    #[test]
    fn lack_of_memory_does_not_outlast_patience_and_other_errors_are_returned() {
        let bell = Bell::new().unwrap();
        let patience = Some(Duration::from_millis(30));
        let always = |failure| {
            let mut sockets = [PollFd::new(&bell.socket, PollFlags::IN)];
            first_ready_by(|_, _| Err(failure), &mut sockets, patience)
        };
        assert_eq!(always(Errno::NOMEM).unwrap(), None);
        assert_eq!(always(Errno::INVAL).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
