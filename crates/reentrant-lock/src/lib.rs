//! A reentrant lock: one that the thread which holds it may take again.
//!
//! `pay_with_fee` locks the ledger and calls `pay`, which locks it too. With std's `Mutex` the thread waits for itself. [`Reentrant`] takes
//! parking_lot's `ReentrantMutex`, as Python has `threading.RLock`; std has none. The Rust way, [`Split`], needs neither.
//!
//! A reentrant guard gives `&T`, never `&mut T`: one thread may hold two guards at once, and two `&mut` to one value must not
//! exist. So the value needs a `Cell`, and this does not compile:
//!
//! ```compile_fail,E0594
//! let ledger = parking_lot::ReentrantMutex::new(1000);
//! *ledger.lock() -= 100; // a guard that could exist twice gives no `&mut`
//! ```
//!
//! What Rust does not prevent: locking a `Mutex` twice. It compiles, and never returns, or panics: std promises no more.

use std::cell::Cell;
use std::sync::Mutex;
use timeline::Lane;

pub(crate) const FEE: i64 = 1;

/// Wrong: a public method that locks calls another one that locks.
pub struct Plain {
    balance: Mutex<i64>,
}

impl Plain {
    /// A ledger with so much in it.
    pub fn new(balance: i64) -> Plain {
        Plain { balance: Mutex::new(balance) }
    }

    /// Pays `amount`, and returns what is left. `lane` notes who holds and wants the lock.
    pub fn pay(&self, amount: i64, lane: &Lane) -> i64 {
        let mut balance = lane.hold("ledger", || self.balance.lock().unwrap());
        *balance -= amount;
        *balance
    }

    /// Pays `amount` and the fee with nobody in between. It never returns.
    pub fn pay_with_fee(&self, amount: i64, lane: &Lane) -> i64 {
        let _both = lane.hold("ledger", || self.balance.lock().unwrap());
        self.pay(amount, lane);
        self.pay(FEE, lane)
    }
}

/// Right: the same two methods. The lock counts how often its thread has taken it.
pub struct Reentrant {
    balance: parking_lot::ReentrantMutex<Cell<i64>>,
}

impl Reentrant {
    /// A ledger with so much in it.
    pub fn new(balance: i64) -> Reentrant {
        Reentrant { balance: parking_lot::ReentrantMutex::new(Cell::new(balance)) }
    }

    /// Pays `amount`, and returns what is left.
    pub fn pay(&self, amount: i64, lane: &Lane) -> i64 {
        let balance = lane.hold("ledger", || self.balance.lock());
        balance.set(balance.get() - amount);
        balance.get()
    }

    /// Pays `amount` and the fee with nobody in between.
    pub fn pay_with_fee(&self, amount: i64, lane: &Lane) -> i64 {
        let _both = lane.hold("ledger", || self.balance.lock());
        self.pay(amount, lane);
        self.pay(FEE, lane)
    }
}

/// Right, and plain: a private function takes the guarded data. Whoever has `&mut i64` has the lock already.
pub struct Split {
    balance: Mutex<i64>,
}

impl Split {
    /// A ledger with so much in it.
    pub fn new(balance: i64) -> Split {
        Split { balance: Mutex::new(balance) }
    }

    /// Pays `amount`, and returns what is left.
    pub fn pay(&self, amount: i64, lane: &Lane) -> i64 {
        subtract(&mut lane.hold("ledger", || self.balance.lock().unwrap()), amount)
    }

    /// Pays `amount` and the fee with nobody in between.
    pub fn pay_with_fee(&self, amount: i64, lane: &Lane) -> i64 {
        let mut balance = lane.hold("ledger", || self.balance.lock().unwrap());
        subtract(&mut balance, amount);
        subtract(&mut balance, FEE)
    }
}

fn subtract(balance: &mut i64, amount: i64) -> i64 {
    *balance -= amount;
    *balance
}
