// A bank with two accounts, and clerks who move money between them.
//
// Why this: everybody locks account 0 before account 1, so no circle of waiting threads can close. Both locks are held
// until both balances are changed, so `total` never sees the money on its way.
//
// What else would do: one lock round both accounts, which is the better choice for two; locks in order pay off when there
// are many accounts and most transfers touch different ones. `try_lock` in a loop ends deadlocks by giving up, at the
// price of work done twice and of no promise who comes through.
//
// What it costs: the order is a rule that every new method has to know. Rust does not check it.
use std::sync::Mutex;

/// Two accounts, each with its own lock; who takes both takes account 0 first.
pub struct Bank {
    accounts: [Mutex<i64>; 2],
}

impl Bank {
    /// A bank whose accounts start with `balances`.
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { accounts: [Mutex::new(balances[0]), Mutex::new(balances[1])] }
    }

    /// Moves `amount` from one account to the other; they may be one and the same.
    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        if from == to {
            return; // one account has one lock, and it cannot be taken twice
        }
        let mut first = self.accounts[0].lock().unwrap();
        let mut second = self.accounts[1].lock().unwrap();
        let (payer, payee) =
            if from == 0 { (&mut *first, &mut *second) } else { (&mut *second, &mut *first) };
        *payer -= amount;
        *payee += amount;
    }

    /// Returns the money in this account.
    pub fn balance(&self, account: usize) -> i64 {
        *self.accounts[account].lock().unwrap()
    }

    /// The money in both accounts together.
    pub fn total(&self) -> i64 {
        let first = self.accounts[0].lock().unwrap();
        let second = self.accounts[1].lock().unwrap();
        *first + *second
    }
}
