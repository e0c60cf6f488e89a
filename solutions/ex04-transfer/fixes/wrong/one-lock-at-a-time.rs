// Wrong: no deadlock, but between the two locks the money is nowhere, and the total is too small.
use std::sync::Mutex;

pub struct Bank {
    accounts: [Mutex<i64>; 2],
}

impl Bank {
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { accounts: balances.map(Mutex::new) }
    }

    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        *self.accounts[from].lock().unwrap() -= amount;
        *self.accounts[to].lock().unwrap() += amount;
    }

    pub fn balance(&self, account: usize) -> i64 {
        *self.accounts[account].lock().unwrap()
    }

    pub fn total(&self) -> i64 {
        let first = self.accounts[0].lock().unwrap();
        let second = self.accounts[1].lock().unwrap();
        *first + *second
    }
}
