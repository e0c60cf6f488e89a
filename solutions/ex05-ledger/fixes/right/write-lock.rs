// Right: an RwLock, locked for writing before the sum is made.
use std::sync::RwLock;

pub struct Ledger {
    accounts: RwLock<Vec<i64>>,
}

impl Ledger {
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { accounts: RwLock::new(balances) }
    }

    pub fn total(&self) -> i64 {
        self.accounts.read().unwrap().iter().sum()
    }

    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        let mut accounts = self.accounts.write().unwrap();
        let enough = accounts.iter().sum::<i64>() >= amount;
        if enough {
            accounts[account] -= amount;
        }
        enough
    }
}
