// Wrong: transfers are right, but balance reads a copy that is brought up to date after the lock is released.
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

pub struct Bank {
    accounts: Mutex<[i64; 2]>,
    copy: [AtomicI64; 2],
}

impl Bank {
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { accounts: Mutex::new(balances), copy: balances.map(AtomicI64::new) }
    }

    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        let mut accounts = self.accounts.lock().unwrap();
        accounts[from] -= amount;
        accounts[to] += amount;
        let now = *accounts;
        drop(accounts);
        self.copy[0].store(now[0], SeqCst);
        self.copy[1].store(now[1], SeqCst);
    }

    pub fn balance(&self, account: usize) -> i64 {
        self.copy[account].load(SeqCst)
    }

    pub fn total(&self) -> i64 {
        self.accounts.lock().unwrap().iter().sum()
    }
}
