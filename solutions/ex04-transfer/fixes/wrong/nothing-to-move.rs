// Wrong: "Every transfer finishes and moves its money" / "No amount is negative" (so 0 is legal); transfer(0, 1, 0) panics, and poisons the lock for everyone else.
use std::sync::Mutex;

/// Two accounts with one lock.
pub struct Bank {
    accounts: Mutex<[i64; 2]>,
}

impl Bank {
    /// Creates a bank whose accounts have these `balances`.
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { accounts: Mutex::new(balances) }
    }

    /// Moves `amount` from one account to the other. Both may be the same account.
    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        let mut accounts = self.accounts.lock().unwrap();
        let before = *accounts;
        accounts[from] -= amount;
        accounts[to] += amount;
        // Make sure that the money has really moved.
        if from != to {
            assert_ne!(before[from], accounts[from]);
            assert_ne!(before[to], accounts[to]);
        }
    }

    /// Returns the money in this account.
    pub fn balance(&self, account: usize) -> i64 {
        self.accounts.lock().unwrap()[account]
    }

    /// Returns the money in both accounts.
    pub fn total(&self) -> i64 {
        self.accounts.lock().unwrap().iter().sum()
    }
}
