// Wrong: "A customer who can be paid is paid."; a thread remembers which amount was refused by the
// account at this address. A new account in the place of a dropped (or moved) one refuses amounts
// that it holds: {a = new(10); a.withdraw(50)} then {b = new(1000) at the same address;
// b.withdraw(700)} on one thread.
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Mutex;

thread_local! {
    /// The smallest amount that each account has refused to this thread. Balances only go down,
    /// so that what was too much once is too much forever.
    static REFUSED: RefCell<HashMap<usize, i64>> = RefCell::new(HashMap::new());
}

/// An account with a balance in whole euros.
pub struct Account {
    balance: Mutex<i64>,
}

impl Account {
    /// Creates an account with this `balance`.
    pub fn new(balance: i64) -> Self {
        Account { balance: Mutex::new(balance) }
    }

    /// Pays out `amount` if there is enough. Returns whether it did.
    pub fn withdraw(&self, amount: i64) -> bool {
        let key = std::ptr::from_ref(self).addr();
        let refused = REFUSED.with_borrow(|refused| refused.get(&key).copied());
        if refused.is_some_and(|refused| refused <= amount) {
            return false;
        }
        let mut balance = self.balance.lock().unwrap();
        if *balance < amount {
            drop(balance);
            REFUSED.with_borrow_mut(|refused| refused.insert(key, amount));
            return false;
        }
        *balance -= amount;
        true
    }

    /// Returns the current balance.
    pub fn balance(&self) -> i64 {
        *self.balance.lock().unwrap()
    }
}
