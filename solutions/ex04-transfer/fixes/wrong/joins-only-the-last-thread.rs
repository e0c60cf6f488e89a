// Wrong: "If you start a thread yourself, join it before the call returns, or in `drop`."; each
// transfer runs on a thread of its own, waits for its result, and stores the handle for drop, but
// in a place for one: the handle before is dropped, and its thread detached, when two transfers
// overlap or follow each other.
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// Two accounts under one lock.
pub struct Bank {
    accounts: Arc<Mutex<[i64; 2]>>,
    clerk: Mutex<Option<JoinHandle<()>>>,
}

impl Bank {
    /// Creates a bank whose accounts have these `balances`.
    pub fn new(balances: [i64; 2]) -> Self {
        Bank { accounts: Arc::new(Mutex::new(balances)), clerk: Mutex::new(None) }
    }

    /// Moves `amount` from one account to the other. Both may be the same account.
    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        if from == to {
            return;
        }
        let (done, moved) = channel();
        let accounts = Arc::clone(&self.accounts);
        let clerk = thread::spawn(move || {
            let mut accounts = accounts.lock().unwrap();
            accounts[from] -= amount;
            accounts[to] += amount;
            drop(accounts);
            done.send(()).unwrap();
        });
        moved.recv().unwrap();
        *self.clerk.lock().unwrap() = Some(clerk);
    }

    /// Returns the money in this account.
    pub fn balance(&self, account: usize) -> i64 {
        self.accounts.lock().unwrap()[account]
    }

    /// Returns the money in both accounts together.
    pub fn total(&self) -> i64 {
        self.accounts.lock().unwrap().iter().sum()
    }
}

impl Drop for Bank {
    fn drop(&mut self) {
        if let Some(clerk) = self.clerk.get_mut().unwrap().take() {
            let _ = clerk.join();
        }
    }
}
