// Wrong: the home-made reentrant lock never forgets its owner, whose next withdrawal takes no lock at all.
use std::sync::{Mutex, MutexGuard};
use std::thread::{ThreadId, current};

pub struct Ledger {
    owner: Mutex<Option<ThreadId>>,
    lock: Mutex<()>,
    accounts: Mutex<Vec<i64>>,
}

impl Ledger {
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { owner: Mutex::new(None), lock: Mutex::new(()), accounts: Mutex::new(balances) }
    }

    /// No guard for the thread that has the lock already.
    fn enter(&self) -> Option<MutexGuard<'_, ()>> {
        let me = Some(current().id());
        if *self.owner.lock().unwrap() == me {
            return None;
        }
        let guard = self.lock.lock().unwrap();
        *self.owner.lock().unwrap() = me;
        Some(guard)
    }

    pub fn total(&self) -> i64 {
        let _guard = self.enter();
        self.accounts.lock().unwrap().iter().sum()
    }

    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        let _guard = self.enter();
        if self.total() < amount {
            return false;
        }
        self.accounts.lock().unwrap()[account] -= amount;
        true
    }
}
