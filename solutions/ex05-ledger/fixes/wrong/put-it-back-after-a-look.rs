// Wrong: two members may both find enough, both take it, and one puts it back: for that moment, the money is missing.
use std::sync::Mutex;

pub struct Ledger {
    accounts: Mutex<Vec<i64>>,
}

impl Ledger {
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { accounts: Mutex::new(balances) }
    }

    pub fn total(&self) -> i64 {
        self.accounts.lock().unwrap().iter().sum()
    }

    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        if self.total() < amount {
            return false;
        }
        self.accounts.lock().unwrap()[account] -= amount;
        if self.total() < 0 {
            self.accounts.lock().unwrap()[account] += amount;
            return false;
        }
        true
    }
}
