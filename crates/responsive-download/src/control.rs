//! What the user wants, for a thread that is busy with something else.

use std::sync::mpsc::SyncSender;
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use crate::fetch::Arrival;

/// What the user wants of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Download.
    Run,
    /// Close the connection and wait.
    Pause,
    /// Stop and leave nothing behind.
    Cancel,
}

/// A wish that both sides can see; the event of this demo.
pub struct Control {
    wish: Mutex<Wish>,
    changed: Condvar,
    /// Where the download receives what arrives from the server, while it does.
    inbox: Mutex<Option<SyncSender<Arrival>>>,
}

impl Default for Control {
    fn default() -> Self {
        Control { wish: Mutex::new(Wish::Run), changed: Condvar::new(), inbox: Mutex::new(None) }
    }
}

impl Control {
    /// Sets what is wanted from now on. A download that is cancelled stays cancelled.
    pub fn set(&self, wish: Wish) {
        let mut now = self.wish.lock().unwrap();
        if *now != Wish::Cancel {
            *now = wish;
        }
        drop(now);
        self.changed.notify_all();
        if let Some(inbox) = &*self.inbox.lock().unwrap() {
            // If the inbox is full, the download is about to wake up and look anyway.
            let _ = inbox.try_send(Arrival::Wish);
        }
    }

    /// Returns what is wanted now.
    pub fn wish(&self) -> Wish {
        *self.wish.lock().unwrap()
    }

    /// Waits as long as `this` is what is wanted, but no longer than `limit`. Returns
    /// what is wanted then.
    pub fn wait_while(&self, this: Wish, limit: Option<Duration>) -> Wish {
        let wish = self.wish.lock().unwrap();
        match limit {
            None => *self.changed.wait_while(wish, |wish| *wish == this).unwrap(),
            Some(limit) => *self.changed.wait_timeout_while(wish, limit, |wish| *wish == this).unwrap().0,
        }
    }

    /// Says where the download waits: a change of the wish is announced there, too.
    pub(crate) fn announce_to(&self, inbox: Option<SyncSender<Arrival>>) {
        *self.inbox.lock().unwrap() = inbox;
    }
}
