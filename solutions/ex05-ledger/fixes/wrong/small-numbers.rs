// Wrong: one lock for the question and the answer, but the balances are kept as i32.
use std::sync::Mutex;

pub struct Ledger {
    accounts: Mutex<Vec<i32>>,
}

impl Ledger {
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { accounts: Mutex::new(balances.into_iter().map(|balance| balance as i32).collect()) }
    }

    pub fn total(&self) -> i64 {
        sum(&self.accounts.lock().unwrap())
    }

    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        let mut accounts = self.accounts.lock().unwrap();
        if sum(&accounts) < amount {
            return false;
        }
        accounts[account] = accounts[account].wrapping_sub(amount as i32);
        true
    }
}

fn sum(accounts: &[i32]) -> i64 {
    accounts.iter().map(|&balance| i64::from(balance)).sum()
}
