// Wrong: "A customer who can be paid is paid."; the lock is only tried for 20 ms: if the other customer is interrupted for longer while holding it, this one is refused with enough money there.
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

/// An account with a balance in whole euros.
pub struct Account {
    balance: Mutex<i64>,
}

impl Account {
    /// Creates an account with this `balance`.
    pub fn new(balance: i64) -> Self {
        Account { balance: Mutex::new(balance) }
    }

    fn lock_soon(&self) -> Option<MutexGuard<'_, i64>> {
        let deadline = Instant::now() + Duration::from_millis(20);
        loop {
            match self.balance.try_lock() {
                Ok(guard) => return Some(guard),
                Err(TryLockError::Poisoned(p)) => return Some(p.into_inner()),
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => return None,
                Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(1)),
            }
        }
    }

    /// Pays out `amount` if there is enough. Returns whether it did.
    pub fn withdraw(&self, amount: i64) -> bool {
        let Some(mut balance) = self.lock_soon() else { return false };
        if *balance < amount {
            return false;
        }
        *balance -= amount;
        true
    }

    /// Returns the current balance.
    pub fn balance(&self) -> i64 {
        *self.balance.lock().unwrap()
    }
}
