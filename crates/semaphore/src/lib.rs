//! A semaphore: a counter of permits. Whoever takes the last one makes the next one wait.
//!
//! Eight clients share three connections. Each takes a permit, talks, and gives it back; at zero the next one sleeps until somebody
//! gives back. Python has `threading.Semaphore`; Rust's std has none, and a `Mutex`, a `Condvar` and a guard make one.
//!
//! What Rust adds is the guard. A [`Permit`] is given back when it goes out of scope: at the end of the block, on `?`, on a panic.
//! Nobody can forget to give it back, and nobody can give it back twice. What Rust does not prevent: using the
//! connection without having a permit.

use std::sync::{Condvar, Mutex};
use std::thread;

/// So many at a time, and no more.
pub struct Semaphore {
    free: Mutex<usize>,
    given_back: Condvar,
}

/// The right to be inside; given back when it is dropped.
#[must_use = "a permit that is not kept is given back at once"]
pub struct Permit<'a> {
    semaphore: &'a Semaphore,
}

impl Semaphore {
    /// A semaphore with so many permits.
    pub fn new(permits: usize) -> Semaphore {
        Semaphore { free: Mutex::new(permits), given_back: Condvar::new() }
    }

    /// Waits until a permit is free, and takes it.
    ///
    /// `wait_while` checks again after every wakeup, because another thread may have taken the permit.
    pub fn acquire(&self) -> Permit<'_> {
        let free = self.free.lock().unwrap();
        let mut free = self.given_back.wait_while(free, |free| *free == 0).unwrap();
        *free -= 1;
        Permit { semaphore: self }
    }

    /// Takes a permit if one is free now.
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        let mut free = self.free.lock().unwrap();
        *free = free.checked_sub(1)?;
        Some(Permit { semaphore: self })
    }

    /// How many permits nobody has at this moment. Old news as soon as it is known.
    pub fn free(&self) -> usize {
        *self.free.lock().unwrap()
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *self.semaphore.free.lock().unwrap() += 1;
        self.semaphore.given_back.notify_one(); // One permit, one client that can use it.
    }
}

/// Runs `client` once for each number from 1 to `clients`, each on a thread of its own, until all have gone home.
pub fn all_at_once(clients: usize, client: impl Fn(usize) + Sync) {
    thread::scope(|office| {
        for number in 1..=clients {
            let thread = thread::Builder::new().name(format!("client {number}"));
            let client = &client;
            thread.spawn_scoped(office, move || client(number)).unwrap();
        }
    });
}
