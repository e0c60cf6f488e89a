// Right: the total is a number of its own, under the same lock as the accounts.
use std::sync::Mutex;

struct Accounts {
    balances: Vec<i64>,
    total: i64,
}

pub struct Ledger {
    accounts: Mutex<Accounts>,
}

impl Ledger {
    pub fn new(balances: Vec<i64>) -> Self {
        let total = balances.iter().sum();
        Ledger { accounts: Mutex::new(Accounts { balances, total }) }
    }

    pub fn total(&self) -> i64 {
        self.accounts.lock().unwrap().total
    }

    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        let mut accounts = self.accounts.lock().unwrap();
        if accounts.total < amount {
            return false;
        }
        accounts.total -= amount;
        accounts.balances[account] -= amount;
        true
    }
}
