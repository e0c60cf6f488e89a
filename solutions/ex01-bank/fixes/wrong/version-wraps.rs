// Wrong: "The account never pays out more than it holds."; the version is a u8: if exactly 256
// withdrawals happen between a customer's look (read lock) and payment (write lock), the look
// counts as fresh: Account::new(300), A looks at 300 for 200, others take 256 x 1, A is paid 200 of
// 44.
use std::sync::RwLock;
use std::sync::atomic::{AtomicU8, Ordering};

/// An account with a balance in whole euros.
pub struct Account {
    balance: RwLock<i64>,
    version: AtomicU8,
}

impl Account {
    /// Creates an account with this `balance`.
    pub fn new(balance: i64) -> Self {
        Account { balance: RwLock::new(balance), version: AtomicU8::new(0) }
    }

    /// Pays out `amount` if there is enough. Returns whether it did.
    pub fn withdraw(&self, amount: i64) -> bool {
        loop {
            let version = {
                let balance = self.balance.read().unwrap();
                if *balance < amount {
                    return false;
                }
                self.version.load(Ordering::SeqCst)
            };
            let mut balance = self.balance.write().unwrap();
            // Nothing has changed since the look: the look still counts.
            if self.version.load(Ordering::SeqCst) == version {
                *balance -= amount;
                self.version.fetch_add(1, Ordering::SeqCst);
                return true;
            }
        }
    }

    /// Returns the current balance.
    pub fn balance(&self) -> i64 {
        *self.balance.read().unwrap()
    }
}
