// Wrong: two customers may both find enough, both take it, and one puts it back: for that moment, the money is missing.
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

pub struct Account {
    balance: AtomicI64,
}

impl Account {
    pub fn new(balance: i64) -> Self {
        Account { balance: AtomicI64::new(balance) }
    }

    pub fn withdraw(&self, amount: i64) -> bool {
        if self.balance.load(SeqCst) < amount {
            return false;
        }
        if self.balance.fetch_sub(amount, SeqCst) < amount {
            self.balance.fetch_add(amount, SeqCst);
            return false;
        }
        true
    }

    pub fn balance(&self) -> i64 {
        self.balance.load(SeqCst)
    }
}
