// Wrong: "`total` returns the money in all accounts"; f64 holds integers only up to 2^53: [(1 <<
// 53), 1].total() is 1 << 53, and withdraw(1, 1) twice may be paid from it.
use std::sync::Mutex;

/// The household's accounts. One of them may be overdrawn as long as the total isn't.
pub struct Ledger {
    accounts: Mutex<Vec<f64>>,
}

fn sum(accounts: &[f64]) -> f64 {
    accounts.iter().sum()
}

impl Ledger {
    /// Creates a ledger whose accounts have these `balances`.
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { accounts: Mutex::new(balances.into_iter().map(|euros| euros as f64).collect()) }
    }

    /// Returns the money in all accounts, all at the same moment.
    pub fn total(&self) -> i64 {
        sum(&self.accounts.lock().unwrap()) as i64
    }

    /// Takes `amount` if the total stays at least 0. Returns whether it did.
    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        let mut accounts = self.accounts.lock().unwrap();
        let amount = amount as f64;
        if sum(&accounts) - amount < 0.0 {
            return false;
        }
        accounts[account] -= amount;
        true
    }
}
