// Right: a home-made reentrant lock that counts how often its owner has taken it.
use std::sync::{Condvar, Mutex};
use std::thread::{ThreadId, current};

pub struct Ledger {
    owner: Mutex<Option<(ThreadId, usize)>>,
    free: Condvar,
    accounts: Mutex<Vec<i64>>,
}

impl Ledger {
    pub fn new(balances: Vec<i64>) -> Self {
        Ledger { owner: Mutex::new(None), free: Condvar::new(), accounts: Mutex::new(balances) }
    }

    fn locked<R>(&self, work: impl FnOnce() -> R) -> R {
        let me = current().id();
        let owner = self.owner.lock().unwrap();
        let mut owner = self.free.wait_while(owner, |owner| owner.is_some_and(|(who, _)| who != me)).unwrap();
        let times = owner.map_or(0, |(_, times)| times);
        *owner = Some((me, times + 1));
        drop(owner);
        let result = work();
        let mut owner = self.owner.lock().unwrap();
        *owner = (times > 0).then_some((me, times));
        drop(owner);
        self.free.notify_one();
        result
    }

    pub fn total(&self) -> i64 {
        self.locked(|| self.accounts.lock().unwrap().iter().sum())
    }

    pub fn withdraw(&self, account: usize, amount: i64) -> bool {
        self.locked(|| {
            let enough = self.total() >= amount;
            if enough {
                self.accounts.lock().unwrap()[account] -= amount;
            }
            enough
        })
    }
}
