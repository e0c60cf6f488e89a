// Wrong: withdrawing 0 keeps the total at least 0, but is refused.
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
        let mut accounts = self.accounts.lock().unwrap();
        let sum: i64 = accounts.iter().sum();
        if !(1..=sum).contains(&amount) {
            return false;
        }
        accounts[account] -= amount;
        true
    }
}
