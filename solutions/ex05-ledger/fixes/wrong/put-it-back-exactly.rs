// Wrong: a member who took too much puts it back, but meanwhile a third member misses that money.
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

pub struct Ledger {
    reserve: AtomicI64,
    accounts: Mutex<Vec<i64>>,
}

impl Ledger {
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { reserve: AtomicI64::new(balances.iter().sum()), accounts: Mutex::new(balances) }
    }

    pub fn total(&self) -> i64 {
        self.accounts.lock().unwrap().iter().sum()
    }

    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        if self.reserve.load(SeqCst) < amount {
            return false;
        }
        if self.reserve.fetch_sub(amount, SeqCst) < amount {
            self.reserve.fetch_add(amount, SeqCst);
            return false;
        }
        self.accounts.lock().unwrap()[account] -= amount;
        true
    }
}
