// Wrong: each fetch_… is atomic, but between the two the money is in neither account.
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

pub struct Bank {
    accounts: [AtomicI64; 2],
}

impl Bank {
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { accounts: balances.map(AtomicI64::new) }
    }

    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        self.accounts[from].fetch_sub(amount, SeqCst);
        self.accounts[to].fetch_add(amount, SeqCst);
    }

    pub fn balance(&self, account: usize) -> i64 {
        self.accounts[account].load(SeqCst)
    }

    pub fn total(&self) -> i64 {
        self.accounts[0].load(SeqCst) + self.accounts[1].load(SeqCst)
    }
}
