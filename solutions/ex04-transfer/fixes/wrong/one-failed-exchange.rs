// Wrong: the exchange is tried once, and when another clerk was faster the transfer is given up.
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

pub struct Bank {
    total: i64,
    first: AtomicI64,
}

impl Bank {
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { total: balances[0].wrapping_add(balances[1]), first: AtomicI64::new(balances[0]) }
    }

    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        if from == to {
            return;
        }
        let change = if from == 0 { amount.wrapping_neg() } else { amount };
        let before = self.first.load(SeqCst);
        let _ = self.first.compare_exchange(before, before.wrapping_add(change), SeqCst, SeqCst);
    }

    pub fn balance(&self, account: usize) -> i64 {
        let first = self.first.load(SeqCst);
        if account == 0 { first } else { self.total.wrapping_sub(first) }
    }

    pub fn total(&self) -> i64 {
        self.total
    }
}
