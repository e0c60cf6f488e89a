// A ledger of several accounts that belong to one household.
use std::sync::Mutex;

/// The household's accounts; one of them may be overdrawn as long as all of them together are not.
pub struct Ledger {
    accounts: Mutex<Vec<i64>>,
}

impl Ledger {
    /// A ledger whose accounts start with `balances`.
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { accounts: Mutex::new(balances) }
    }

    /// The money in all accounts together, all at the same moment.
    pub fn total(&self) -> i64 {
        self.accounts.lock().unwrap().iter().sum()
    }

    /// Takes `amount` out of `account` if the total stays at least 0; says whether it did.
    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        // TODO: total locks the accounts too, and this thread holds that lock already.
        let mut accounts = self.accounts.lock().unwrap();
        if self.total() < amount {
            return false;
        }
        accounts[account] -= amount;
        true
    }
}
