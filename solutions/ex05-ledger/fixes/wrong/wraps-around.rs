// Wrong: "takes the amount out of the account if the total stays at least 0"; a household that
// begins overdrawn: [-1, -1].withdraw(0, i64::MAX): -2 - i64::MAX wraps to i64::MAX, so that it
// pays.
use std::sync::Mutex;

/// The household's accounts. One of them may be overdrawn as long as the total isn't.
pub struct Ledger {
    accounts: Mutex<Vec<i64>>,
}

fn sum(accounts: &[i64]) -> i64 {
    accounts.iter().copied().fold(0, i64::wrapping_add)
}

impl Ledger {
    /// Creates a ledger whose accounts have these `balances`.
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { accounts: Mutex::new(balances) }
    }

    /// Returns the money in all accounts, all at the same moment.
    pub fn total(&self) -> i64 {
        sum(&self.accounts.lock().unwrap())
    }

    /// Takes `amount` if the total stays at least 0. Returns whether it did.
    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        let mut accounts = self.accounts.lock().unwrap();
        let left = sum(&accounts).wrapping_sub(amount);
        let paid = left >= 0;
        if paid {
            accounts[account] = accounts[account].wrapping_sub(amount);
        }
        paid
    }
}
