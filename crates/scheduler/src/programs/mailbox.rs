//! One thread leaves a message, another one looks for it once; and two threads that want to be alone.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU32};

/// A message, and a flag that says that it is there.
#[derive(Default)]
pub struct Mailbox {
    answer: AtomicU32,
    ready: AtomicBool,
}

impl Mailbox {
    /// Wrong: the flag may arrive before the message.
    pub fn send_relaxed(&self) {
        self.answer.store(42, Relaxed);
        self.ready.store(true, Relaxed);
    }

    /// Wrong: sees the flag, and may still see the memory from before the message.
    pub fn look_relaxed(&self) -> Option<u32> {
        if !self.ready.load(Relaxed) {
            return None;
        }
        Some(self.answer.load(Relaxed))
    }

    /// Right: the message is written before the flag is released.
    pub fn send(&self) {
        self.answer.store(42, Relaxed);
        self.ready.store(true, Release);
    }

    /// Right: acquires the flag, and with it everything that was written before it.
    pub fn look(&self) -> Option<u32> {
        if !self.ready.load(Acquire) {
            return None;
        }
        Some(self.answer.load(Relaxed))
    }
}

/// Wrong: raises a flag, then looks at the other one. Both may look before the other flag arrives.
pub fn enter_release_acquire(mine: &AtomicBool, other: &AtomicBool) -> bool {
    mine.store(true, Release);
    !other.load(Acquire)
}

/// Right: all four operations are in one order that every thread agrees on.
pub fn enter_seqcst(mine: &AtomicBool, other: &AtomicBool) -> bool {
    mine.store(true, SeqCst);
    !other.load(SeqCst)
}
