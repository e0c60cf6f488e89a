// Wrong: the money is out before it is asked for, and others see a total below zero until it is put back.
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
        self.accounts.lock().unwrap()[account] -= amount;
        let enough = self.total() >= 0;
        if !enough {
            self.accounts.lock().unwrap()[account] += amount;
        }
        enough
    }
}
