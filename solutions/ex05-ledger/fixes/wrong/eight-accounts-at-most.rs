// Wrong: "creates a ledger whose accounts have these balances" / "returns the money in all
// accounts"; there's room for 8 accounts, and the 9th and those after it are left out: vec![1; 9]
// has a total of 8.
use std::sync::Mutex;

/// More accounts than any household has.
const ACCOUNTS: usize = 8;

/// The household's accounts. One of them may be overdrawn as long as the total isn't.
pub struct Ledger {
    accounts: Mutex<[i64; ACCOUNTS]>,
}

impl Ledger {
    /// Creates a ledger whose accounts have these `balances`.
    pub fn new(balances: Vec<i64>) -> Self {
        let mut accounts = [0; ACCOUNTS];
        for (account, balance) in accounts.iter_mut().zip(balances) {
            *account = balance;
        }
        Ledger { accounts: Mutex::new(accounts) }
    }

    /// Returns the money in all accounts, all at the same moment.
    pub fn total(&self) -> i64 {
        // A copy of the array, so that the lock is free again.
        let accounts = *self.accounts.lock().unwrap();
        accounts.iter().sum()
    }

    /// Takes `amount` if the total stays at least 0. Returns whether it did.
    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        let mut accounts = self.accounts.lock().unwrap();
        if accounts.iter().sum::<i64>() < amount {
            return false;
        }
        accounts[account] -= amount;
        true
    }
}
