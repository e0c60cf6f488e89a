// Wrong: dropping the guard round the call to total splits the critical section in two.
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
        let accounts = self.accounts.lock().unwrap();
        drop(accounts);
        let enough = self.total() >= amount;
        let mut accounts = self.accounts.lock().unwrap();
        if enough {
            accounts[account] -= amount;
        }
        enough
    }
}
