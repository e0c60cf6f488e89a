// Wrong: with a lock for each account, two members add up the same money and take it from different accounts.
use std::sync::Mutex;

pub struct Ledger {
    accounts: Vec<Mutex<i64>>,
}

impl Ledger {
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { accounts: balances.into_iter().map(Mutex::new).collect() }
    }

    pub fn total(&self) -> i64 {
        self.accounts.iter().map(|account| *account.lock().unwrap()).sum()
    }

    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        if self.total() < amount {
            return false;
        }
        *self.accounts[account].lock().unwrap() -= amount;
        true
    }
}
