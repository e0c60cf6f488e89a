// Wrong: "creates an account with the given balance"; accounts live in a static table under a number of 8 bits: with 257 accounts alive, the 257th has the number of the first, which then shows (and pays from) the other's money.
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};

static BANK: Mutex<BTreeMap<u8, i64>> = Mutex::new(BTreeMap::new());
static NEXT: AtomicU8 = AtomicU8::new(0);

/// An account with a balance in whole euros.
pub struct Account {
    number: u8,
}

impl Account {
    /// Creates an account with this `balance`.
    pub fn new(balance: i64) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        BANK.lock().unwrap().insert(number, balance);
        Account { number }
    }

    /// Pays out `amount` if there is enough. Returns whether it did.
    pub fn withdraw(&self, amount: i64) -> bool {
        match BANK.lock().unwrap().get_mut(&self.number) {
            Some(balance) if *balance >= amount => {
                *balance -= amount;
                true
            }
            _ => false,
        }
    }

    /// Returns the current balance.
    pub fn balance(&self) -> i64 {
        BANK.lock().unwrap().get(&self.number).copied().unwrap_or(0)
    }
}
