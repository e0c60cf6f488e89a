// Wrong: whoever asks for too much takes it for a moment, and what others asked for is missing meanwhile.
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

pub struct Account {
    balance: AtomicI64,
}

impl Account {
    pub fn new(balance: i64) -> Self {
        Account { balance: AtomicI64::new(balance) }
    }

    pub fn withdraw(&self, amount: i64) -> bool {
        let before = self.balance.fetch_sub(amount, SeqCst);
        if before < amount {
            self.balance.fetch_add(amount, SeqCst);
            return false;
        }
        true
    }

    pub fn balance(&self) -> i64 {
        self.balance.load(SeqCst)
    }
}
