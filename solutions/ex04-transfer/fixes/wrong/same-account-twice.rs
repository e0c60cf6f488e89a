// Wrong: the order is right, but an account that pays itself is locked twice by the same thread.
use std::sync::Mutex;

pub struct Bank {
    accounts: [Mutex<i64>; 2],
}

impl Bank {
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { accounts: balances.map(Mutex::new) }
    }

    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        let mut lower = self.accounts[from.min(to)].lock().unwrap();
        let mut higher = self.accounts[from.max(to)].lock().unwrap();
        let sign = if from < to { 1 } else { -1 };
        *lower -= sign * amount;
        *higher += sign * amount;
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
