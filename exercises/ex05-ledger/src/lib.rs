// A ledger of several accounts that belong to one household.
use std::sync::Mutex;

/// The household's accounts. One of them may be overdrawn as long as the total isn't.
pub struct Ledger {
    accounts: Mutex<Vec<i64>>,
}

impl Ledger {
    /// Creates a ledger whose accounts have these `balances`.
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { accounts: Mutex::new(balances) }
    }

    /// Returns the money in all accounts, all at the same moment.
    pub fn total(&self) -> i64 {
        self.accounts.lock().unwrap().iter().sum()
    }

    /// Takes `amount` if the total stays at least 0. Returns whether it did.
    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        // TODO: `total` locks the accounts, but this thread already holds that lock.
        let mut accounts = self.accounts.lock().unwrap();
        if self.total() < amount {
            return false;
        }
        accounts[account] -= amount;
        true
    }
}
