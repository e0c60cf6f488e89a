// Right: the total is an atomic, and a withdrawal first reserves its share of it.
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

pub struct Ledger {
    accounts: Vec<AtomicI64>,
    total: AtomicI64,
}

impl Ledger {
    pub fn new(balances: Vec<i64>) -> Self {
        let total = AtomicI64::new(balances.iter().sum());
        Ledger { accounts: balances.into_iter().map(AtomicI64::new).collect(), total }
    }

    pub fn total(&self) -> i64 {
        self.total.load(SeqCst)
    }

    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        let reserve = |total| (total >= amount).then(|| total - amount);
        let reserved = self.total.fetch_update(SeqCst, SeqCst, reserve).is_ok();
        if reserved {
            self.accounts[account].fetch_sub(amount, SeqCst);
        }
        reserved
    }
}
