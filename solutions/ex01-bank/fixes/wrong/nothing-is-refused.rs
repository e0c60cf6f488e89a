// Wrong: "pays out the amount if the account holds enough; returns whether it paid"; withdraw(0) is refused although every account with a balance of at least 0 holds enough for it.
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
        if amount == 0 {
            return false;
        }
        let mut balance = self.balance.lock().unwrap();
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
