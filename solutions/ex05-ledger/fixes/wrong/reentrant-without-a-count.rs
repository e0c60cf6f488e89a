// Wrong: the home-made reentrant lock does not count, so total's unlock opens it in the middle of withdraw.
use std::sync::{Condvar, Mutex};
use std::thread::{ThreadId, current};

pub struct Ledger {
    owner: Mutex<Option<ThreadId>>,
    free: Condvar,
    accounts: Mutex<Vec<i64>>,
}

impl Ledger {
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { owner: Mutex::new(None), free: Condvar::new(), accounts: Mutex::new(balances) }
    }

    fn enter(&self) {
        let me = current().id();
        let owner = self.owner.lock().unwrap();
        let mut owner = self.free.wait_while(owner, |owner| owner.is_some_and(|owner| owner != me)).unwrap();
        *owner = Some(me);
    }

    fn leave(&self) {
        *self.owner.lock().unwrap() = None;
        self.free.notify_one();
    }

    pub fn total(&self) -> i64 {
        self.enter();
        let total = self.accounts.lock().unwrap().iter().sum();
        self.leave();
        total
    }

    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        self.enter();
        let enough = self.total() >= amount;
        if enough {
            self.accounts.lock().unwrap()[account] -= amount;
        }
        self.leave();
        enough
    }
}
