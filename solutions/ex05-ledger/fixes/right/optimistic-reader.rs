// Right: `total` adds up without a lock (SeqCst) and takes the lock only if a withdrawal ended meanwhile. Withdrawals exclude each other and each changes one account before it raises the version, so a sum under one version contains at most one half-seen withdrawal, which is either in it or not.
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering::SeqCst};

/// The household's accounts. One of them may be overdrawn as long as the total isn't.
pub struct Ledger {
    accounts: Vec<AtomicI64>,
    withdrawals: AtomicUsize,
    withdrawing: Mutex<()>,
}

impl Ledger {
    /// Creates a ledger whose accounts have these `balances`.
    pub fn new(balances: Vec<i64>) -> Self {
        Self {
            accounts: balances.into_iter().map(AtomicI64::from).collect(),
            withdrawals: AtomicUsize::new(0),
            withdrawing: Mutex::new(()),
        }
    }

    fn sum(&self) -> i64 {
        self.accounts.iter().map(|account| account.load(SeqCst)).sum()
    }

    /// Returns the money in all accounts, all at the same moment.
    pub fn total(&self) -> i64 {
        let before = self.withdrawals.load(SeqCst);
        let sum = self.sum();
        if self.withdrawals.load(SeqCst) == before {
            sum
        } else {
            let _guard = self.withdrawing.lock().unwrap();
            self.sum()
        }
    }

    /// Takes `amount` if the total stays at least 0. Returns whether it did.
    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        let _guard = self.withdrawing.lock().unwrap();
        let covered = self.sum() >= amount;
        if covered {
            self.accounts[account].fetch_sub(amount, SeqCst);
            self.withdrawals.fetch_add(1, SeqCst);
        }
        covered
    }
}
