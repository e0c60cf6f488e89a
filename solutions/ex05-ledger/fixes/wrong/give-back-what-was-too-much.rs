// Wrong: whoever asks for too much reserves it for a moment, and others are refused what is there.
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

pub struct Ledger {
    free: AtomicI64,
    accounts: Mutex<Vec<i64>>,
}

impl Ledger {
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { free: AtomicI64::new(balances.iter().sum()), accounts: Mutex::new(balances) }
    }

    pub fn total(&self) -> i64 {
        self.accounts.lock().unwrap().iter().sum()
    }

    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        let free = self.free.fetch_sub(amount, SeqCst);
        if free < amount {
            self.free.fetch_add(amount, SeqCst);
            return false;
        }
        self.accounts.lock().unwrap()[account] -= amount;
        true
    }
}
