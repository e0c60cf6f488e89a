// Wrong: a clerk who finds the payee busy gives up; because the sums saturate, no overflow reveals it.
use std::sync::Mutex;

pub struct Bank {
    accounts: [Mutex<i64>; 2],
}

impl Bank {
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { accounts: balances.map(Mutex::new) }
    }

    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        if from == to {
            return;
        }
        let mut payer = self.accounts[from].lock().unwrap();
        let Ok(mut payee) = self.accounts[to].try_lock() else { return };
        *payer = payer.saturating_sub(amount);
        *payee = payee.saturating_add(amount);
    }

    pub fn balance(&self, account: usize) -> i64 {
        *self.accounts[account].lock().unwrap()
    }

    pub fn total(&self) -> i64 {
        let first = self.accounts[0].lock().unwrap();
        let second = self.accounts[1].lock().unwrap();
        *first + *second
    }
}
