// Wrong: "`total` [is] right at every moment"; totals never change, so that they are remembered for
// each bank's address: a bank in the place of a dropped (or moved) one has the total of the other:
// total() of new([1, 2]), dropped, then total() of new([10, 20]) in the same variable's place is 3.
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

/// The totals that have been asked for. No transfer changes a total.
static TOTALS: LazyLock<Mutex<HashMap<usize, i64>>> = LazyLock::new(Mutex::default);

/// Two accounts under one lock.
pub struct Bank {
    accounts: Mutex<[i64; 2]>,
}

impl Bank {
    /// Creates a bank whose accounts have these `balances`.
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { accounts: Mutex::new(balances) }
    }

    /// Moves `amount` from one account to the other. Both may be the same account.
    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        if from == to {
            return;
        }
        let mut accounts = self.accounts.lock().unwrap();
        accounts[from] -= amount;
        accounts[to] += amount;
    }

    /// Returns the money in this account.
    pub fn balance(&self, account: usize) -> i64 {
        self.accounts.lock().unwrap()[account]
    }

    /// Returns the money in both accounts together.
    pub fn total(&self) -> i64 {
        let this = std::ptr::from_ref(self).addr();
        if let Some(total) = TOTALS.lock().unwrap().get(&this) {
            return *total;
        }
        let total = self.accounts.lock().unwrap().iter().sum();
        TOTALS.lock().unwrap().insert(this, total);
        total
    }
}
