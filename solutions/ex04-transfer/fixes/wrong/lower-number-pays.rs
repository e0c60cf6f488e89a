// Wrong: the locks are taken in the same order by everybody, and money then moves in that order too: out of account 0, always.
use std::sync::Mutex;

/// Two accounts, each with its own lock.
pub struct Bank {
    accounts: [Mutex<i64>; 2],
}

impl Bank {
    /// A bank whose accounts start with `balances`.
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { accounts: balances.map(Mutex::new) }
    }

    /// Moves `amount` from one account to the other; they may be one and the same.
    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        if from == to {
            return;
        }
        let (first, second) = (from.min(to), from.max(to));
        let mut payer = self.accounts[first].lock().unwrap();
        let mut payee = self.accounts[second].lock().unwrap();
        *payer -= amount;
        *payee += amount;
    }

    /// Returns the money in this account.
    pub fn balance(&self, account: usize) -> i64 {
        *self.accounts[account].lock().unwrap()
    }

    /// The money in both accounts together.
    pub fn total(&self) -> i64 {
        let first = self.accounts[0].lock().unwrap();
        let second = self.accounts[1].lock().unwrap();
        *first + *second
    }
}
