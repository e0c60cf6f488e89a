// A bank account that many threads use at the same time.
//
// Why this: "is there enough?" and "take it out" are one decision, so one lock is held from the question to the answer.
// Whoever comes in between waits at `lock` and then sees the new balance.
//
// What else would do: an `AtomicI64` with `fetch_update` (solutions/ex01-bank/fixes/right/compare-exchange.rs). It is right as
// long as the whole state fits into one number; a lock still works when an account gets a second field.
//
// What it costs: withdrawals from one account happen one after the other. Two accounts have two locks and do not wait
// for each other.
use std::sync::Mutex;

/// An account with a balance in whole euros.
pub struct Account {
    balance: Mutex<i64>,
}

impl Account {
    /// An account that starts with `balance`.
    pub fn new(balance: i64) -> Self {
        Account { balance: Mutex::new(balance) }
    }

    /// Pays out `amount` if there is enough; says whether it did.
    pub fn withdraw(&self, amount: i64) -> bool {
        let mut balance = self.balance.lock().unwrap();
        if *balance < amount {
            return false; // the guard is dropped here, and with it the lock is released
        }
        *balance -= amount;
        true
    }

    /// What is left at this moment.
    pub fn balance(&self) -> i64 {
        *self.balance.lock().unwrap()
    }
}
