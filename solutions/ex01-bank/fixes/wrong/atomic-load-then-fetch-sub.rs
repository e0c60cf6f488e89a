// Wrong: the load and the fetch_sub are each atomic, the pair is not.
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
        self.balance.fetch_sub(amount, SeqCst);
        true
    }

    pub fn balance(&self) -> i64 {
        self.balance.load(SeqCst)
    }
}
