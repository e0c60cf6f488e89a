// Right: RwLock; a first look under the read lock only to refuse (the total allowed it at that moment), the decision to pay under the write lock; the sum is computed by scoped threads that are joined in the same call.
use std::sync::{PoisonError, RwLock};
use std::thread;

/// The household's accounts. One of them may be overdrawn as long as the total isn't.
pub struct Ledger {
    accounts: RwLock<Vec<i64>>,
}

trait Total {
    fn total(&self) -> i64;
}

impl Total for [i64] {
    fn total(&self) -> i64 {
        let (left, right) = self.split_at(self.len() / 2);
        thread::scope(|scope| {
            let helper = scope.spawn(|| left.iter().sum::<i64>());
            let right = right.iter().sum::<i64>();
            helper.join().unwrap() + right
        })
    }
}

impl Ledger {
    /// Creates a ledger whose accounts have these `balances`.
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { accounts: RwLock::new(balances) }
    }

    /// Returns the money in all accounts, all at the same moment.
    pub fn total(&self) -> i64 {
        self.accounts.read().unwrap_or_else(PoisonError::into_inner).total()
    }

    /// Takes `amount` if the total stays at least 0. Returns whether it did.
    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        if self.total() < amount {
            return false;
        }
        let mut accounts = self.accounts.write().unwrap_or_else(PoisonError::into_inner);
        if accounts.total() < amount {
            return false;
        }
        accounts[account] -= amount;
        true
    }
}
