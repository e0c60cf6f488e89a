// Wrong: a clerk who finds an account busy gives up; because the sums wrap, no overflow reveals it.
use std::sync::Mutex;

pub struct Bank {
    accounts: [Mutex<i64>; 2],
}

impl Bank {
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { accounts: balances.map(Mutex::new) }
    }

    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        let Ok(mut payer) = self.accounts[from].try_lock() else { return };
        let Ok(mut payee) = self.accounts[to].try_lock() else { return };
        *payer = payer.wrapping_sub(amount);
        *payee = payee.wrapping_add(amount);
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
