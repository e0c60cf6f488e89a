//! What the user wants, told to a thread that looks up from its work.

use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// What the user wants of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Go on.
    Run,
    /// Let go of the connection and wait.
    Pause,
    /// Stop and leave nothing behind.
    Cancel,
}

/// A wish that both sides can see; the event of this demo.
pub struct Control {
    wish: Mutex<Wish>,
    changed: Condvar,
}

impl Default for Control {
    fn default() -> Self {
        Control { wish: Mutex::new(Wish::Run), changed: Condvar::new() }
    }
}

impl Control {
    /// Says what is wanted from now on. Once cancelled is cancelled.
    pub fn set(&self, wish: Wish) {
        let mut now = self.wish.lock().unwrap();
        if *now != Wish::Cancel {
            *now = wish;
        }
        drop(now);
        self.changed.notify_all();
    }

    /// What is wanted now.
    pub fn wish(&self) -> Wish {
        *self.wish.lock().unwrap()
    }

    /// Waits as long as `this` is what is wanted, but no longer than `limit`; what is wanted then.
    pub fn wait_while(&self, this: Wish, limit: Option<Duration>) -> Wish {
        let wish = self.wish.lock().unwrap();
        match limit {
            None => *self.changed.wait_while(wish, |wish| *wish == this).unwrap(),
            Some(limit) => *self.changed.wait_timeout_while(wish, limit, |wish| *wish == this).unwrap().0,
        }
    }
}
