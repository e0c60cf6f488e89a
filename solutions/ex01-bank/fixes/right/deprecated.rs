// Right: the old way of withdrawing is still there, marked as deprecated, and std's own deprecated names are used too.
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

pub struct Account {
    balance: AtomicI64,
}

impl Account {
    pub fn new(balance: i64) -> Self {
        Account { balance: AtomicI64::new(balance) }
    }

    #[deprecated = "use withdraw"]
    pub fn take(&self, amount: i64) -> bool {
        loop {
            let before = self.balance.load(SeqCst);
            if before < amount {
                return false;
            }
            if self.balance.compare_and_swap(before, before - amount, SeqCst) == before {
                return true;
            }
        }
    }

    pub fn withdraw(&self, amount: i64) -> bool {
        self.take(amount)
    }

    pub fn balance(&self) -> i64 {
        self.balance.load(SeqCst)
    }
}
