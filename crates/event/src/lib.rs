//! An event: a flag that threads can sleep on until somebody sets it.
//!
//! A server takes its time to start, and workers must not send anything before it is ready. They wait for the event; one `set` lets
//! all of them go on, and whoever comes later does not wait at all. Python has `threading.Event`; in Rust a
//! `Mutex<bool>` and a `Condvar` make one.
//!
//! The flag must change under the same lock under which waiters look at it. [`FlagOutside`] does not do that, and [`Spinning`] does
//! not sleep. Rust compiles all three: each access is safe alone, and what belongs together is yours to decide.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// Right: whoever sees `false` falls asleep in one step with letting go of the lock, so no `set` comes in between.
#[derive(Default)]
pub struct Event {
    is_set: Mutex<bool>,
    changed: Condvar,
}

impl Event {
    /// Lets everybody go on who waits, and everybody who comes.
    pub fn set(&self) {
        *self.is_set.lock().unwrap() = true;
        self.changed.notify_all();
    }

    /// Makes those wait who come from now on.
    pub fn clear(&self) {
        *self.is_set.lock().unwrap() = false;
    }

    /// Whether it is set at this moment.
    pub fn is_set(&self) -> bool {
        *self.is_set.lock().unwrap()
    }

    /// Sleeps until it is set.
    pub fn wait(&self) {
        let is_set = self.is_set.lock().unwrap();
        drop(self.changed.wait_while(is_set, |is_set| !*is_set).unwrap());
    }

    /// Sleeps until it is set, but not longer than `patience`; whether it was set.
    pub fn wait_timeout(&self, patience: Duration) -> bool {
        let is_set = self.is_set.lock().unwrap();
        *self.changed.wait_timeout_while(is_set, patience, |is_set| !*is_set).unwrap().0
    }
}

/// Wrong: the flag changes outside of the lock. A `set` between a waiter's look and its sleep wakes nobody: a lost wakeup.
#[derive(Default)]
pub struct FlagOutside {
    is_set: AtomicBool,
    asleep: Mutex<()>, // Protects nothing: this is the mistake.
    changed: Condvar,
}

impl FlagOutside {
    /// Sets the flag, then wakes whoever sleeps at that moment.
    pub fn set(&self) {
        self.is_set.store(true, SeqCst);
        self.changed.notify_all();
    }

    /// Looks, then sleeps. `meanwhile` is whatever happens in between.
    pub fn wait(&self, meanwhile: impl Fn()) {
        let mut asleep = self.asleep.lock().unwrap();
        while !self.is_set.load(SeqCst) {
            meanwhile();
            asleep = self.changed.wait(asleep).unwrap();
        }
    }
}

/// Right, and wasteful: never misses, never sleeps. It burns the core that the one it waits for may need.
#[derive(Default)]
pub struct Spinning {
    is_set: AtomicBool,
}

impl Spinning {
    /// Sets the flag.
    pub fn set(&self) {
        self.is_set.store(true, SeqCst);
    }

    /// Looks until it is set; how often it looked.
    pub fn wait(&self) -> u64 {
        let mut looks = 1;
        while !self.is_set.load(SeqCst) {
            std::hint::spin_loop();
            looks += 1;
        }
        looks
    }
}
