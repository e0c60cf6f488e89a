// The solution of exercise 1, with the reason for each choice.
//
// The question «is there enough?» and the act that rests on its answer are one critical section: one lock, taken
// before the question and held until after the act. The guard is kept in a variable, so that it lives as long as the block; in
// the exercise each guard was a temporary, gone at the end of its line.
//
// What else would do: an `AtomicI64` with a compare-and-exchange loop, which acts only if the balance is still the
// one it asked for. It never waits, and takes more thought. A thread that owns the account and serves requests from a
// channel is right too, and pays for each request with two messages.
//
// What it costs: customers of one account come one after the other. Customers of different accounts do not meet, for
// each account has its own lock.
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
            return false;
        }
        *balance -= amount;
        true
    }

    /// What is left.
    pub fn balance(&self) -> i64 {
        *self.balance.lock().unwrap()
    }
}
