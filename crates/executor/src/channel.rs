//! The queue's channel. It stands in a module of its own so that a check can put another one in its place.

use std::thread;

pub(crate) use crossbeam_channel::Sender;
use crossbeam_channel::{RecvError, TryRecvError};

/// How often a worker without work looks before it sleeps; as often as rayon's do.
const LOOKS: u32 = 32;

/// crossbeam's receiver, with a little more patience before it sleeps.
pub(crate) struct Receiver<T>(crossbeam_channel::Receiver<T>);

impl<T> Receiver<T> {
    /// The next job; an error when the queue is closed and empty.
    pub(crate) fn recv(&self) -> Result<T, RecvError> {
        for _ in 0..LOOKS {
            match self.0.try_recv() {
                Ok(job) => return Ok(job),
                Err(TryRecvError::Empty) => thread::yield_now(),
                Err(TryRecvError::Disconnected) => return Err(RecvError),
            }
        }
        self.0.recv()
    }

    /// The next job, if there is one.
    pub(crate) fn try_recv(&self) -> Result<T, TryRecvError> {
        self.0.try_recv()
    }
}

/// A queue without an end.
pub(crate) fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = crossbeam_channel::unbounded();
    (sender, Receiver(receiver))
}
