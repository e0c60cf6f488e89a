// Wrong: refusing by a panic under the lock poisons it for everybody who comes later.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

pub struct Ledger {
    accounts: Mutex<Vec<i64>>,
}

impl Ledger {
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { accounts: Mutex::new(balances) }
    }

    pub fn total(&self) -> i64 {
        self.accounts.lock().unwrap().iter().sum()
    }

    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        let attempt = || {
            let mut accounts = self.accounts.lock().unwrap();
            assert!(accounts.iter().sum::<i64>() >= amount, "there is not enough");
            accounts[account] -= amount;
        };
        catch_unwind(AssertUnwindSafe(attempt)).is_ok()
    }
}
