// Wrong: total never returns a negative number, although a ledger can be created with balances that add up to one.
use std::sync::Mutex;

pub struct Ledger {
    accounts: Mutex<Vec<i64>>,
}

fn sum(accounts: &[i64]) -> i64 {
    // The total is at least 0.
    accounts.iter().sum::<i64>().max(0)
}

impl Ledger {
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { accounts: Mutex::new(balances) }
    }

    pub fn total(&self) -> i64 {
        sum(&self.accounts.lock().unwrap())
    }

    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        let mut accounts = self.accounts.lock().unwrap();
        if sum(&accounts) < amount {
            return false;
        }
        accounts[account] -= amount;
        true
    }
}
