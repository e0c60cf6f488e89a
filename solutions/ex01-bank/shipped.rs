// A bank account that many threads use at the same time.
use std::sync::Mutex;

/// An account with a balance in whole euros.
pub struct Account {
    balance: Mutex<i64>,
}

impl Account {
    /// Creates an account with this `balance`.
    pub fn new(balance: i64) -> Self {
        Account { balance: Mutex::new(balance) }
    }

    /// Pays out `amount` if there is enough. Returns whether it did.
    pub fn withdraw(&self, amount: i64) -> bool {
        // TODO: two customers at the same moment must not be paid from the same money.
        let current = *self.balance.lock().unwrap();
        if current < amount {
            return false;
        }
        *self.balance.lock().unwrap() -= amount;
        true
    }

    /// Returns the current balance.
    pub fn balance(&self) -> i64 {
        *self.balance.lock().unwrap()
    }
}
