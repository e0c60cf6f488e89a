// Wrong: balances are kept as f64, which can't hold every i64, so large amounts are rounded.
use std::sync::Mutex;

pub struct Bank {
    accounts: Mutex<[f64; 2]>,
}

impl Bank {
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { accounts: Mutex::new(balances.map(|b| b as f64)) }
    }

    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        let mut accounts = self.accounts.lock().unwrap();
        accounts[from] -= amount as f64;
        accounts[to] += amount as f64;
    }

    pub fn balance(&self, account: usize) -> i64 {
        self.accounts.lock().unwrap()[account] as i64
    }

    pub fn total(&self) -> i64 {
        let accounts = self.accounts.lock().unwrap();
        (accounts[0] + accounts[1]) as i64
    }
}
