// Wrong: taking first and giving back when it was too much lets two customers refuse each other.
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

pub struct Account {
    balance: AtomicI64,
}

impl Account {
    pub fn new(balance: i64) -> Self {
        Account { balance: AtomicI64::new(balance) }
    }

    pub fn withdraw(&self, amount: i64) -> bool {
        self.balance.fetch_sub(amount, SeqCst);
        if self.balance.load(SeqCst) < 0 {
            self.balance.fetch_add(amount, SeqCst);
            return false;
        }
        true
    }

    pub fn balance(&self) -> i64 {
        self.balance.load(SeqCst)
    }
}
