// Wrong: a total that does not wait for the lock answers 0 whenever somebody holds it, this thread included.
use std::sync::Mutex;

pub struct Ledger {
    accounts: Mutex<Vec<i64>>,
}

impl Ledger {
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { accounts: Mutex::new(balances) }
    }

    pub fn total(&self) -> i64 {
        self.accounts.try_lock().map_or(0, |accounts| accounts.iter().sum())
    }

    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        let mut accounts = self.accounts.lock().unwrap();
        if self.total() < amount {
            return false;
        }
        accounts[account] -= amount;
        true
    }
}
