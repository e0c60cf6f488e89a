// A semaphore: so many permits, and whoever wants one when there is none waits.
//
// Why this: `wait_while` looks at the permits before it waits and whenever it is woken, always under the lock. So it does
// not matter who woke it, or whether another thread has been faster.
//
// What else would do: a channel that is filled with so many messages: `acquire` receives one, `release` sends one.
//
// What it costs: nobody is promised a turn. A thread that comes by may take the permit before one that has waited long;
// queues with numbers cure that, at the price of more switching between threads.
use std::sync::{Condvar, Mutex};

/// A number of permits.
pub struct Semaphore {
    permits: Mutex<usize>,
    released: Condvar,
}

impl Semaphore {
    /// A semaphore with so many permits.
    pub fn new(permits: usize) -> Self {
        Semaphore { permits: Mutex::new(permits), released: Condvar::new() }
    }

    /// Takes a permit; waits until there is one.
    pub fn acquire(&self) {
        let permits = self.permits.lock().unwrap();
        let mut permits = self.released.wait_while(permits, |permits| *permits == 0).unwrap();
        *permits -= 1;
    }

    /// Gives a permit back.
    pub fn release(&self) {
        *self.permits.lock().unwrap() += 1;
        // One is enough: every thread that waits here waits for the same, and one permit serves one of them.
        self.released.notify_one();
    }
}
