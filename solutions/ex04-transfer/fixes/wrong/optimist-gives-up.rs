// Wrong: "Every transfer ends and moves its money, however often another transfer gets in its
// way."; after 50 snapshots that were outdated when it came to store them, a transfer gives up
// silently: 50 transfers of others, one in each gap.
use std::sync::{Arc, Mutex};

/// Two accounts in a snapshot that is replaced as a whole.
pub struct Bank {
    snapshot: Mutex<Arc<[i64; 2]>>,
}

impl Bank {
    /// Creates a bank whose accounts have these `balances`.
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { snapshot: Mutex::new(Arc::new(balances)) }
    }

    /// Moves `amount` from one account to the other. Both may be the same account.
    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        if from == to {
            return;
        }
        for _ in 0..50 {
            let old = self.look();
            let mut new = *old;
            new[from] -= amount;
            new[to] += amount;
            let new = Arc::new(new);
            let mut snapshot = self.snapshot.lock().unwrap();
            if Arc::ptr_eq(&snapshot, &old) {
                *snapshot = new;
                return;
            }
        }
    }

    /// Returns the money in this account.
    pub fn balance(&self, account: usize) -> i64 {
        self.look()[account]
    }

    /// Returns the money in both accounts together.
    pub fn total(&self) -> i64 {
        self.look().iter().sum()
    }

    fn look(&self) -> Arc<[i64; 2]> {
        Arc::clone(&self.snapshot.lock().unwrap())
    }
}
