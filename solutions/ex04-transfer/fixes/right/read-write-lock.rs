// Right: an RwLock round both accounts, so auditors do not wait for each other.
use std::sync::RwLock;

pub struct Bank {
    accounts: RwLock<[i64; 2]>,
}

impl Bank {
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { accounts: RwLock::new(balances) }
    }

    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        let mut accounts = self.accounts.write().unwrap();
        accounts[from] -= amount;
        accounts[to] += amount;
    }

    pub fn balance(&self, account: usize) -> i64 {
        self.accounts.read().unwrap()[account]
    }

    pub fn total(&self) -> i64 {
        self.accounts.read().unwrap().iter().sum()
    }
}
