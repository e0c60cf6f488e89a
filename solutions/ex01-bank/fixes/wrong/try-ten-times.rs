// Wrong: looks again under the lock, but whoever is disturbed ten times is sent away, with money in the account.
use std::sync::Mutex;

/// An account with a balance in whole euros.
pub struct Account {
    balance: Mutex<i64>,
}

impl Account {
    /// An account that starts with `balance`.
    pub fn new(balance: i64) -> Self {
        Account { balance: Mutex::new(balance) }
    }

    /// Pays out `amount` if there is enough; says whether it did.
    pub fn withdraw(&self, amount: i64) -> bool {
        for _ in 0..10 {
            let current = *self.balance.lock().unwrap();
            if current < amount {
                return false;
            }
            let mut balance = self.balance.lock().unwrap();
            if *balance == current {
                *balance -= amount;
                return true;
            }
        }
        false
    }

    /// What is left.
    pub fn balance(&self) -> i64 {
        *self.balance.lock().unwrap()
    }
}
