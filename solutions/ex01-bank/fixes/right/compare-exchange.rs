// Right: fetch_update subtracts only if the balance is still the one that was asked.
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

pub struct Account {
    balance: AtomicI64,
}

impl Account {
    pub fn new(balance: i64) -> Self {
        Account { balance: AtomicI64::new(balance) }
    }

    pub fn withdraw(&self, amount: i64) -> bool {
        self.balance.fetch_update(SeqCst, SeqCst, |b| (b >= amount).then(|| b - amount)).is_ok()
    }

    pub fn balance(&self) -> i64 {
        self.balance.load(SeqCst)
    }
}
