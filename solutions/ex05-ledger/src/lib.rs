// A ledger of several accounts that belong to one household.
//
// Why this: public methods lock, private functions are handed what the lock protects. `&[i64]` can only come from a
// guard, so the compiler sees to it that nobody adds up without the lock, and nothing locks twice.
//
// What else would do: keeping the total as a number next to the accounts, under the same lock. A reentrant lock
// would do too, but it hands out shared references only, since its holder may have it several times.
//
// What it costs: every withdrawal adds up all accounts while others wait. With many accounts, keep the total.
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
        sum(&self.accounts.lock().unwrap())
    }

    /// Takes `amount` out of `account` if the total stays at least 0; says whether it did.
    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        let mut accounts = self.accounts.lock().unwrap();
        if sum(&accounts) < amount {
            return false;
        }
        accounts[account] -= amount;
        true
    }
}

/// Whoever has the accounts has the lock: this one takes none.
fn sum(accounts: &[i64]) -> i64 {
    accounts.iter().sum()
}
