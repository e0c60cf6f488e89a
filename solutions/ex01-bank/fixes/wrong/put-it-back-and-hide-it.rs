// Wrong: it takes first and puts back; `balance` hides the debt, but a third customer still finds nothing.
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

pub struct Account {
    balance: AtomicI64,
    shown: AtomicI64,
}

impl Account {
    pub fn new(balance: i64) -> Self {
        Account { balance: AtomicI64::new(balance), shown: AtomicI64::new(balance) }
    }

    pub fn withdraw(&self, amount: i64) -> bool {
        if self.balance.load(SeqCst) < amount {
            return false;
        }
        if self.balance.fetch_sub(amount, SeqCst) < amount {
            self.balance.fetch_add(amount, SeqCst);
            return false;
        }
        self.shown.fetch_sub(amount, SeqCst);
        true
    }

    pub fn balance(&self) -> i64 {
        self.shown.load(SeqCst)
    }
}
