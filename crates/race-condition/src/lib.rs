//! A race condition: the result depends on who comes first, and not every order is right.
//!
//! An account holds 1000, and two customers each withdraw 700 at the same moment. Each one first asks what is there, then acts
//! on the answer. If the second asks before the first has acted, both hear "1000", and both are paid.
//!
//! The two versions differ in how they act. The first writes back the balance that it has computed from a stale answer: afterwards the
//! account shows 300, as if all were well, and 700 are missing from the bank. The second subtracts from what is there now: the
//! account shows -400. The first one can never show -400, whatever you may read elsewhere.
//!
//! Rust does not let two threads touch the balance without a lock: that would be a data race, and does not compile.
//! Here every access is locked. A lock around each step does not make the steps one.

use std::sync::Mutex;
use std::thread;

/// A bank account.
pub struct Account {
    balance: Mutex<i64>,
}

impl Account {
    /// Pays out `amount` if there was enough when it asked, and writes back what should be left of that.
    ///
    /// `meanwhile` is whatever happens between the question and the answer.
    pub fn withdraw_stale(&self, amount: i64, meanwhile: impl FnOnce()) -> bool {
        let current = *self.balance.lock().unwrap();
        meanwhile();
        if current < amount {
            return false;
        }
        *self.balance.lock().unwrap() = current - amount;
        true
    }

    /// Pays out `amount` if there was enough when it asked, and subtracts it from what is there now.
    ///
    /// `meanwhile` is whatever happens between the question and the answer.
    pub fn withdraw_fresh(&self, amount: i64, meanwhile: impl FnOnce()) -> bool {
        let current = *self.balance.lock().unwrap();
        meanwhile();
        if current < amount {
            return false;
        }
        *self.balance.lock().unwrap() -= amount;
        true
    }
}

/// What is true when both customers have gone home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evening {
    /// What the account shows.
    pub balance: i64,
    /// What the bank has paid out.
    pub paid: i64,
}

/// Two customers withdraw 700 from an account of 1000, each on a thread of their own.
pub fn two_customers(withdraw: impl Fn(&Account, i64) -> bool + Sync) -> Evening {
    let account = Account { balance: Mutex::new(1000) };
    let paid = thread::scope(|bank| {
        let customers = ["customer 1", "customer 2"].map(|name| {
            let thread = thread::Builder::new().name(name.into());
            thread.spawn_scoped(bank, || withdraw(&account, 700)).unwrap()
        });
        customers.map(|customer| if customer.join().unwrap() { 700 } else { 0 })
    });
    Evening { balance: account.balance.into_inner().unwrap(), paid: paid.iter().sum() }
}
