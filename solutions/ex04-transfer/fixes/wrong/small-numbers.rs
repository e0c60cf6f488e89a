// Wrong: one lock for both accounts, but the balances are i32, which has no room for five thousand million.
use std::sync::Mutex;

pub struct Bank {
    accounts: Mutex<[i32; 2]>,
}

impl Bank {
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { accounts: Mutex::new(balances.map(|balance| balance as i32)) }
    }

    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        let mut accounts = self.accounts.lock().unwrap();
        accounts[from] = accounts[from].wrapping_sub(amount as i32);
        accounts[to] = accounts[to].wrapping_add(amount as i32);
    }

    pub fn balance(&self, account: usize) -> i64 {
        self.accounts.lock().unwrap()[account].into()
    }

    pub fn total(&self) -> i64 {
        self.accounts.lock().unwrap().iter().map(|&balance| i64::from(balance)).sum()
    }
}
