// Wrong: the locks are right, but the accounts are a static, which every bank shares.
use std::sync::Mutex;

static ACCOUNTS: Mutex<[i64; 2]> = Mutex::new([0, 0]);

pub struct Bank;

impl Bank {
    pub fn new(balances: [i64; 2]) -> Self {
        *ACCOUNTS.lock().unwrap() = balances;
        Bank
    }

    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        let mut accounts = ACCOUNTS.lock().unwrap();
        accounts[from] -= amount;
        accounts[to] += amount;
    }

    pub fn balance(&self, account: usize) -> i64 {
        ACCOUNTS.lock().unwrap()[account]
    }

    pub fn total(&self) -> i64 {
        ACCOUNTS.lock().unwrap().iter().sum()
    }
}
