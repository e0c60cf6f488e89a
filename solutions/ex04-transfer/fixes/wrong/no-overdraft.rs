// Wrong: a transfer that would make a balance negative is refused, although a balance may become negative.
use std::sync::Mutex;

pub struct Bank {
    accounts: Mutex<[i64; 2]>,
}

impl Bank {
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { accounts: Mutex::new(balances) }
    }

    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        let mut accounts = self.accounts.lock().unwrap();
        if accounts[from] >= amount {
            accounts[from] -= amount;
            accounts[to] += amount;
        }
    }

    pub fn balance(&self, account: usize) -> i64 {
        self.accounts.lock().unwrap()[account]
    }

    pub fn total(&self) -> i64 {
        self.accounts.lock().unwrap().iter().sum()
    }
}
