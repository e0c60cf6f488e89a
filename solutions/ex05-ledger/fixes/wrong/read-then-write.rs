// Wrong: an RwLock lets two readers in, but it waits for ever to write while its own thread reads.
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
        let reading = self.accounts.read().unwrap();
        if self.total() < amount {
            return false;
        }
        self.accounts.write().unwrap()[account] -= amount;
        drop(reading);
        true
    }
}
