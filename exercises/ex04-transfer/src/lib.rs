// A bank with two accounts, and clerks who move money between them.
use std::sync::Mutex;

/// Two accounts, each with its own lock.
pub struct Bank {
    accounts: [Mutex<i64>; 2],
}

impl Bank {
    /// Creates a bank whose accounts have these `balances`.
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { accounts: [Mutex::new(balances[0]), Mutex::new(balances[1])] }
    }

    /// Moves `amount` from one account to the other. Both may be the same account.
    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        // TODO: transfers in opposite directions must not wait for each other forever.
        let mut payer = self.accounts[from].lock().unwrap();
        let mut payee = self.accounts[to].lock().unwrap();
        *payer -= amount;
        *payee += amount;
    }

    /// Returns the money in this account.
    pub fn balance(&self, account: usize) -> i64 {
        *self.accounts[account].lock().unwrap()
    }

    /// Returns the money in this account.
    pub fn total(&self) -> i64 {
        let first = self.accounts[0].lock().unwrap();
        let second = self.accounts[1].lock().unwrap();
        *first + *second
    }
}
